-- A queue admits callers again.
-- KEYS[1]  the set of closed queues     KEYS[2]  the event stream
-- ARGV[1]  queue     ARGV[2]  author     ARGV[3]  the event's id     ARGV[4]  at, ms
-- Returns  nil
if redis.call('SREM', KEYS[1], ARGV[1]) == 0 then return nil end
redis.call('XADD', KEYS[2], '*', 'e', cjson.encode({
  id = ARGV[3], kind = 'queue.opened', at = tonumber(ARGV[4]), call = '',
  data = {queue = ARGV[1], author = ARGV[2]}}))
return nil
