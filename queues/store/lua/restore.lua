-- Put an entry back that a wiped store has forgotten, as it stood.
-- KEYS     as in common.lua
-- ARGV[1]  the entry as JSON     ARGV[2]  this commit's own id, kept in the entry so that its repetition is known
-- ARGV[3]  at, ms
-- Returns  1, or 0 where the entry is known already, or an agent of its is not, or does something else
local entry = cjson.decode(ARGV[1])
local at = tonumber(ARGV[3])
local known = find(ENTRIES, entry.id)
if known then return known.commit == ARGV[2] and 1 or 0 end
local rung, agents = rung_for(entry), {}
for i, each in ipairs(rung) do
  agents[i] = find(AGENTS, each.agent)
  if not (agents[i] and agents[i].state == 'idle' and agents[i].reason ~= REMOVED) then return 0 end
end
entry.commit = ARGV[2]
keep(ENTRIES, entry)
tell_entry(entry.id .. '-restored-' .. ARGV[3], 'entry.restored', at, entry, {})
for i, agent in ipairs(agents) do
  local offer = rung[i].offer
  agent.entry, agent.offer, agent.offered_at = entry.id, offer, entry.offered_at
  move_agent(agent, 'offered', at, offer .. '-agent-offered-' .. ARGV[3])
  if entry.state == 'connected' then
    agent.calls = agent.calls + 1
    move_agent(agent, 'answered', at, offer .. '-agent-answered-' .. ARGV[3])
  end
  keep(AGENTS, agent)
end
return 1
