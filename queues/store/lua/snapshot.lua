-- All live entries and agents, and the newest point of the event stream, at one moment.
-- KEYS[1]  entries     KEYS[2]  agents     KEYS[3]  the event stream
-- KEYS[4]  the set of closed queues     KEYS[5]  since when the store knows anything
-- KEYS[6]  the beginning after which it was told what agents had chosen
-- Returns  {{entry as JSON, …}, {agent as JSON, …}, cursor, {closed queue, …}, since when (ms; 0: no node announced
--          itself), 1 where it was told what agents had chosen, else 0}
local cursor = '0'
if redis.call('EXISTS', KEYS[3]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[3])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then cursor = info[i + 1] end
  end
end
return {
  redis.call('HVALS', KEYS[1]), redis.call('HVALS', KEYS[2]), cursor, redis.call('SMEMBERS', KEYS[4]),
  tonumber(redis.call('GET', KEYS[5])) or 0, redis.call('EXISTS', KEYS[6])}
