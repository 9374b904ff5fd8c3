-- Forget a call's session and append events, once.
-- KEYS[1]  hash: call -> session as JSON     KEYS[2]  the event stream
-- ARGV[1]  call     ARGV[2…]  events as JSON
-- Returns  1, or 0 where there was no such call (nothing is appended)
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
for i = 2, #ARGV do redis.call('XADD', KEYS[2], '*', 'e', ARGV[i]) end
return 1
