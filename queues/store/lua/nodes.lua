-- The engines that announced themselves.
-- KEYS[1]  hash: node -> {"asterisk", "seen": ms by the server's clock} as JSON
-- Returns  {node, asterisk, silent for how many ms, …}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found, kept = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #kept, 2 do
  local node = cjson.decode(kept[i + 1])
  found[#found + 1] = kept[i]
  found[#found + 1] = node.asterisk
  found[#found + 1] = math.max(0, now - node.seen)
end
return found
