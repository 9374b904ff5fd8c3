-- Take or renew a lease.
-- KEYS[1]  who holds it     KEYS[2]  its fence, which grows with each new holder
-- ARGV[1]  holder     ARGV[2]  how long, ms
-- Returns  the fence, or nil where another one holds it
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return nil end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if holder then return tonumber(redis.call('GET', KEYS[2])) end
return redis.call('INCR', KEYS[2])
