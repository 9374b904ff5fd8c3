-- An engine takes no calls any more.
-- KEYS[1]  hash: node -> {"asterisk", "seen"} as JSON     KEYS[2]  the event stream
-- ARGV[1]  node     ARGV[2]  reason     ARGV[3]  the event's id     ARGV[4]  at, ms
-- Returns  1, or 0 where it is not known
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if not kept then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
local data = {node = ARGV[1], asterisk = cjson.decode(kept).asterisk, reason = ARGV[2]}
local event = {id = ARGV[3], kind = 'node.left', at = tonumber(ARGV[4]), call = '', data = data}
redis.call('XADD', KEYS[2], '*', 'e', cjson.encode(event))
return 1
