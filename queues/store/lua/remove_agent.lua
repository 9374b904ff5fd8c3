-- Forget an agent; a mere offer is withdrawn first, a conversation goes on.
-- KEYS     as in common.lua
-- ARGV[1]  agent     ARGV[2]  the event's id     ARGV[3]  author     ARGV[4]  at, ms
-- Returns  nil
local agent = find(AGENTS, ARGV[1])
local at = tonumber(ARGV[4])
if not agent or agent.reason == REMOVED then return nil end
give_all_back(agent, at)
if agent.state == 'offered' or agent.state == 'ringing' then
  withdraw(find(ENTRIES, agent.entry), agent.offer, agent, 'agent_left', at)
end
agent.status, agent.reason = 'offline', REMOVED
if IN_CONVERSATION[agent.state] then keep(AGENTS, agent) else redis.call('HDEL', AGENTS, agent.id) end
tell_agent(ARGV[2], 'agent.status', at, agent, {author = ARGV[3]})
return nil
