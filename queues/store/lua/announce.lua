-- An engine takes an Asterisk's calls.
-- KEYS[1]  hash: node -> {"asterisk", "seen": ms by the server's clock} as JSON     KEYS[2]  the event stream
-- KEYS[3]  since when the store knows anything, ms
-- KEYS[4]  the set of Asterisks of which the store was told again what the history knows, and '' from its beginning
-- ARGV[1]  node     ARGV[2]  asterisk     ARGV[3], ARGV[4]  the events' ids     ARGV[5]  at, ms
-- Returns  {since when, 1 where it begins now, else 0, 0 where it is still to be told, else 1}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function tell(id, kind, data)
  local event = {id = id, kind = kind, at = tonumber(ARGV[5]), call = '', data = data}
  redis.call('XADD', KEYS[2], '*', 'e', cjson.encode(event))
end

local begun, fresh = redis.call('GET', KEYS[3]), 0
if not begun then
  begun, fresh = string.format('%.0f', now), 1
  redis.call('SET', KEYS[3], begun)
  redis.call('SADD', KEYS[4], '')
  tell(ARGV[3], 'store.begun', {node = ARGV[1]})
end
if redis.call('HSET', KEYS[1], ARGV[1], cjson.encode({asterisk = ARGV[2], seen = now})) == 1 then
  tell(ARGV[4], 'node.joined', {node = ARGV[1], asterisk = ARGV[2]})
end
-- One that an earlier version began has no such set, and was never empty.
local told = redis.call('EXISTS', KEYS[4]) == 0 and 1 or redis.call('SISMEMBER', KEYS[4], ARGV[2])
return {tonumber(begun), fresh, told}
