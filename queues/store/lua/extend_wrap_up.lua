-- Wrap-up goes on until later, as late as the queue allows.
-- KEYS     as in common.lua
-- ARGV[1]  agent     ARGV[2]  until, ms     ARGV[3]  author     ARGV[4]  the event's id     ARGV[5]  at, ms
-- Returns  nil (now or before), agent_gone, agent_not_ready
local agent = find(AGENTS, ARGV[1])
if not agent then return 'agent_gone' end
if agent.state ~= 'wrap_up' or agent.wrap_up_until == 0 then return 'agent_not_ready' end
local later = math.min(tonumber(ARGV[2]), agent.wrap_up_latest)
if later <= agent.wrap_up_until then return nil end
agent.wrap_up_until = later
move_agent(agent, 'extended', tonumber(ARGV[5]), ARGV[4], nil, {author = ARGV[3]})
keep(AGENTS, agent)
return nil
