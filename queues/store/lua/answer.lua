-- The agent answered.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  offer     ARGV[3]  at, ms
-- Returns  nil (now or before), entry_gone, other_offer, entry_not_waiting
local entry = find(ENTRIES, ARGV[1])
local at = tonumber(ARGV[3])
if entry and entry.offer == ARGV[2] and entry.state == 'connected' then return nil end
local refusal = refused(entry, ARGV[2], 'answered')
if refusal then return refusal end
for _, other in ipairs(rung_for(entry)) do
  if other.offer ~= ARGV[2] then withdraw(entry, other.offer, find(AGENTS, other.agent), 'answered_elsewhere', at) end
end
local agent = find(AGENTS, entry.agent)
entry.state, entry.answered_at = ENTRY_MOVES[entry.state .. ' answered'], at
agent.missed, agent.calls = 0, agent.calls + 1
tell_entry(entry.offer .. '-answered', 'entry.answered', at, entry, {waited_ms = waited(entry, at)})
move_agent(agent, 'answered', at, entry.offer .. '-agent-answered')
keep(ENTRIES, entry)
keep(AGENTS, agent)
return nil
