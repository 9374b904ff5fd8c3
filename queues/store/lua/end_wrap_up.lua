-- Wrap-up is over.
-- KEYS     as in common.lua
-- ARGV[1]  agent     ARGV[2]  the event's id     ARGV[3]  at, ms
-- Returns  nil (now or before with the same time), agent_gone, agent_not_ready
local agent = find(AGENTS, ARGV[1])
local at = tonumber(ARGV[3])
if not agent then return 'agent_gone' end
if agent.state == 'idle' and agent.idle_since == at then return nil end
if agent.state ~= 'wrap_up' or agent.wrap_up_until == 0 or agent.wrap_up_until > at then return 'agent_not_ready' end
wrap_up_over(agent, at, ARGV[2])
keep(AGENTS, agent)
return nil
