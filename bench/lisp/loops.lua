local function loops(n)
  local x = 0
  for i = 0, n - 1 do for j = 0, n - 1 do for k = 0, n - 1 do x = x + k end end end
  return x
end
print(loops(320))
