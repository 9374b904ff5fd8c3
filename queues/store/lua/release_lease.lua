-- Give a lease back.
-- KEYS[1]  who holds it
-- ARGV[1]  holder
-- Returns  1, or 0 where another one holds it
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
