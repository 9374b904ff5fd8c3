-- The conversation is over.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  how long they talked, ms     ARGV[3]  at, ms
-- ARGV[4]  if given: the id of the entry's way onward as far as it is known, or ''
-- Returns  nil, entry_gone, entry_not_waiting, directed
local entry = find(ENTRIES, ARGV[1])
local at = tonumber(ARGV[3])
if not entry then return 'entry_gone' end
if not ENTRY_MOVES[entry.state .. ' finished'] then return 'entry_not_waiting' end
if ARGV[4] and ARGV[4] ~= ((entry.onward or {}).id or '') then return 'directed' end
redis.call('HDEL', ENTRIES, entry.id)
tell_entry(entry.id .. '-finished', 'entry.finished', at, entry, {talk_ms = tonumber(ARGV[2])})
local agent = find(AGENTS, entry.agent)
local held = holds(agent, entry)
if held then
  table.remove(agent.held, held)
  tell_work(agent, entry.offer .. '-agent-done', at)
  keep(AGENTS, agent)
  return nil
end
local wrap_up = entry.wrap_up_ms
if agent.wrap_up_ms >= 0 then wrap_up = math.min(wrap_up, agent.wrap_up_ms) end
agent.wrap_up_until, agent.wrap_up_latest = at + wrap_up, at + math.max(wrap_up, entry.wrap_up_most_ms)
if entry.until_coded then agent.wrap_up_until, agent.wrap_up_latest = 0, 0 end
move_agent(agent, 'finished', at, entry.offer .. '-agent-finished')
if wrap_up <= 0 and not entry.until_coded then wrap_up_over(agent, at, entry.offer .. '-agent-wrapped-up') end
if agent.reason == REMOVED then redis.call('HDEL', AGENTS, agent.id) else keep(AGENTS, agent) end
return nil
