local function build(n)
  local t = {}
  for i = 0, n - 1 do
    t[#t + 1] = string.format("%d:", i)
    t[#t + 1] = "item "
  end
  return #table.concat(t)
end
print(build(400000))
