local function numbers(n)
  local v, x = {}, 1
  for i = 1, n do
    x = (x * 1103515245 + 12345) % 2147483648
    v[i] = x
  end
  return v
end
local v = numbers(500000)
table.sort(v, function(a, b) return a < b end)
print(v[1001])
