-- Keep a live call's session and append events.
-- KEYS[1]  hash: call -> session as JSON     KEYS[2]  the event stream
-- ARGV[1]  call     ARGV[2]  session as JSON     ARGV[3…]  events as JSON
-- Returns  1
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
for i = 3, #ARGV do redis.call('XADD', KEYS[2], '*', 'e', ARGV[i]) end
return 1
