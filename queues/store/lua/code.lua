-- The agent says what the outcome was: wrap-up is over.
-- KEYS     as in common.lua
-- ARGV[1]  agent     ARGV[2]  outcome     ARGV[3]  author     ARGV[4]  the event's id     ARGV[5]  at, ms
-- Returns  nil (now or before with the same time), agent_gone, agent_not_ready
local agent = find(AGENTS, ARGV[1])
local at = tonumber(ARGV[5])
if not agent then return 'agent_gone' end
if agent.state == 'idle' and agent.idle_since == at then return nil end
if agent.state ~= 'wrap_up' then return 'agent_not_ready' end
wrap_up_over(agent, at, ARGV[4], 'coded', {outcome = ARGV[2], author = ARGV[3]})
keep(AGENTS, agent)
return nil
