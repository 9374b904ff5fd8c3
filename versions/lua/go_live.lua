-- Move the live pointer, tell the nodes and append the event, all at once.
-- KEYS[1]  the live version     KEYS[2]  hash: version -> what it is, as JSON     KEYS[3]  list of moves, the last first
-- KEYS[4]  what nodes are told (stream)     KEYS[5]  the event stream
-- ARGV[1]  version     ARGV[2]  the one that must be live now, '' for none     ARGV[3]  the move's id
-- ARGV[4]  the move as JSON     ARGV[5]  the event as JSON     ARGV[6]  moves to remember
-- Returns  {'', live} when done, also when this very move was made before; else {'unknown' or 'moved', live}
local live = redis.call('GET', KEYS[1]) or ''
local last = redis.call('LINDEX', KEYS[3], 0)
if last and cjson.decode(last).id == ARGV[3] then return {'', live} end
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 then return {'unknown', live} end
if live ~= ARGV[2] then return {'moved', live} end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('LPUSH', KEYS[3], ARGV[4])
redis.call('LTRIM', KEYS[3], 0, ARGV[6] - 1)
redis.call('XADD', KEYS[4], 'MAXLEN', '~', 100, '*', 'what', 'live', 'version', ARGV[1])
redis.call('XADD', KEYS[5], '*', 'e', ARGV[5])
return {'', ARGV[1]}
