-- How much deferred work an agent may hold beside a call.
-- KEYS     as in common.lua
-- ARGV[1]  agent     ARGV[2]  how many     ARGV[3]  author     ARGV[4]  the event's id     ARGV[5]  at, ms
-- Returns  nil, agent_gone
local agent = find(AGENTS, ARGV[1])
if not agent or agent.reason == REMOVED then return 'agent_gone' end
if (agent.holds or -1) == tonumber(ARGV[2]) then return nil end
agent.holds = tonumber(ARGV[2])
tell_work(agent, ARGV[4], tonumber(ARGV[5]), ARGV[3])
keep(AGENTS, agent)
return nil
