-- Take or renew a lease.
-- KEYS[1]  who holds it     KEYS[2]  its fence, which grows with each new holder, also
-- where it was wiped: it begins with the server's time in ms
-- ARGV[1]  holder     ARGV[2]  how long, ms
-- Returns  the fence, or nil where another one holds it
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return nil end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if holder then return tonumber(redis.call('GET', KEYS[2])) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fence = math.max((tonumber(redis.call('GET', KEYS[2])) or 0) + 1, now)
redis.call('SET', KEYS[2], string.format('%.0f', fence))
return fence
