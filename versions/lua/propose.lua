-- Keep what a version is, and tell the nodes to get it ready.
-- KEYS[1]  hash: version -> what it is, as JSON     KEYS[2]  what nodes are told (stream)
-- ARGV[1]  version     ARGV[2]  what it is, as JSON
-- Returns  where in the stream it was told
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return redis.call('XADD', KEYS[2], 'MAXLEN', '~', 100, '*', 'what', 'proposed', 'version', ARGV[1])
