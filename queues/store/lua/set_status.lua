-- What the agent chose.
-- KEYS     as in common.lua
-- ARGV[1]  agent     ARGV[2]  status     ARGV[3]  reason     ARGV[4]  author     ARGV[5], ARGV[6]  the events' ids
-- ARGV[7]  at, ms
-- Returns  nil, agent_gone
local agent = find(AGENTS, ARGV[1])
local status, reason, at = ARGV[2], ARGV[3], tonumber(ARGV[7])
if not agent or agent.reason == REMOVED then return 'agent_gone' end
local back = status == 'available' and agent.state == 'not_responding'
if status == 'available' then
  agent.missed = 0
  if back or agent.status ~= 'available' then agent.idle_since = at end
end
if agent.status == 'offline' and status ~= 'offline' then
  agent.logged_in_at, agent.calls, agent.busy_ms, agent.offered_at = at, 0, 0, 0
end
if agent.status ~= status or agent.reason ~= reason then
  agent.status, agent.reason = status, reason
  tell_agent(ARGV[5], 'agent.status', at, agent, {author = ARGV[4]})
end
if back then move_agent(agent, 'came_back', at, ARGV[6]) end
keep(AGENTS, agent)
if status == 'offline' then give_all_back(agent, at) end
return nil
