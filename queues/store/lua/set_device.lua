-- What the agent's phone does.
-- KEYS     as in common.lua
-- ARGV[1]  agent     ARGV[2]  device     ARGV[3]  the event's id     ARGV[4]  at, ms
-- Returns  nil, agent_gone
local agent = find(AGENTS, ARGV[1])
if not agent then return 'agent_gone' end
if agent.device == ARGV[2] then return nil end
agent.device = ARGV[2]
tell_agent(ARGV[3], 'agent.device', tonumber(ARGV[4]), agent, {})
keep(AGENTS, agent)
return nil
