-- What agents had chosen before the store began was told to it, or nobody will ever know it.
-- KEYS[1]  since when the store knows anything, ms     KEYS[2]  the beginning after which that was said
-- KEYS[3]  the event stream
-- ARGV[1]  since when, as whoever tells knows it     ARGV[2]  node     ARGV[3]  1 where it is known, else 0
-- ARGV[4]  the event's id     ARGV[5]  at, ms
-- Returns  1, or 0 where it was said before, or the store began at another time
if redis.call('GET', KEYS[1]) ~= ARGV[1] or not redis.call('SET', KEYS[2], ARGV[1], 'NX') then return 0 end
local event = {id = ARGV[4], kind = 'store.agents_told', at = tonumber(ARGV[5]), call = '',
  data = {node = ARGV[2], known = ARGV[3] == '1'}}
redis.call('XADD', KEYS[3], '*', 'e', cjson.encode(event))
return 1
