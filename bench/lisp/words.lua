local function words(n)
  local h, x = {}, 1
  for i = 1, n do
    x = (x * 1103515245 + 12345) % 2147483648
    local k = string.format("key%d", x >> 21)
    h[k] = (h[k] or 0) + 1
  end
  local c = 0
  for _ in pairs(h) do c = c + 1 end
  return c
end
print(words(500000))
