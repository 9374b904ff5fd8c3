-- The caller leaves the line without an agent.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  reason     ARGV[3]  at, ms
-- Returns  nil, entry_gone, entry_not_waiting
local entry = find(ENTRIES, ARGV[1])
local at = tonumber(ARGV[3])
if not entry then return 'entry_gone' end
if not ENTRY_MOVES[entry.state .. ' left'] then return 'entry_not_waiting' end
redis.call('HDEL', ENTRIES, entry.id)
tell_entry(entry.id .. '-left', 'entry.left', at, entry, {reason = ARGV[2], waited_ms = waited(entry, at)})
if entry.state == 'offered' then
  for _, each in ipairs(rung_for(entry)) do
    local agent = find(AGENTS, each.agent)
    move_agent(agent, 'left', at, each.offer .. '-agent-left')
    keep(AGENTS, agent)
  end
end
return nil
