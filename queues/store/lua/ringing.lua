-- The agent's phone rings.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  offer     ARGV[3]  at, ms
-- Returns  nil (now or before), entry_gone, other_offer, entry_not_waiting
local entry = find(ENTRIES, ARGV[1])
local refusal = refused(entry, ARGV[2], 'ringing')
if refusal then return refusal end
local agent = find(AGENTS, agent_of(entry, ARGV[2]))
if agent.state == 'ringing' then return nil end
tell_entry(ARGV[2] .. '-ringing', 'entry.ringing', tonumber(ARGV[3]), entry, {agent = agent.id, offer = ARGV[2]})
move_agent(agent, 'ringing', tonumber(ARGV[3]), ARGV[2] .. '-agent-ringing')
keep(AGENTS, agent)
return nil
