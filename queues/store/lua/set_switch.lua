-- Keep or forget what a switch of opening hours says, and append events.
-- KEYS[1]  hash: name of hours -> switch as JSON     KEYS[2]  the event stream
-- ARGV[1]  name     ARGV[2]  switch as JSON, or '' to forget it     ARGV[3…]  events as JSON
-- Returns  1
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
for i = 3, #ARGV do redis.call('XADD', KEYS[2], '*', 'e', ARGV[i]) end
return 1
