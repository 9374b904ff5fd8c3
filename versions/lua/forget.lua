-- Let go of versions, and of the contents that no other one has. The live one stays whatever is asked.
-- KEYS[1]  the live version     KEYS[2]  hash: version -> what it is, as JSON     KEYS[3]  hash: digest -> content
-- ARGV     versions
-- Returns  how many contents went
local live = redis.call('GET', KEYS[1])
local gone = {}
for _, version in ipairs(ARGV) do
  local text = version ~= live and redis.call('HGET', KEYS[2], version)
  if text then
    for _, piece in pairs(cjson.decode(text).files) do gone[piece[1]] = true end
    redis.call('HDEL', KEYS[2], version)
  end
end
for _, text in ipairs(redis.call('HVALS', KEYS[2])) do
  for _, piece in pairs(cjson.decode(text).files) do gone[piece[1]] = nil end
end
local count = 0
for digest in pairs(gone) do count = count + redis.call('HDEL', KEYS[3], digest) end
return count
