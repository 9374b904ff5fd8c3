-- Make an agent known, or change name, extension, skills and own wrap-up time.
-- KEYS     as in common.lua
-- ARGV[1]  the agent as JSON     ARGV[2]  the event's id     ARGV[3]  author     ARGV[4]  at, ms
-- Returns  nil
local function same(one, other)
  for skill, level in pairs(one) do if other[skill] ~= level then return false end end
  for skill in pairs(other) do if one[skill] == nil then return false end end
  return true
end

local given = cjson.decode(ARGV[1])
local agent = find(AGENTS, given.id)
if agent and agent.calls == nil then -- kept by an earlier version: what it did not know begins as for a new agent
  for name, value in pairs(given) do
    if agent[name] == nil then agent[name] = value end
  end
  keep(AGENTS, agent)
end
if not agent then
  agent = given
  agent.state, agent.wrap_up_until, agent.entry, agent.offer, agent.held = 'idle', 0, '', '', {}
elseif agent.reason == REMOVED then
  agent.reason = ''
elseif agent.name == given.name and agent.extension == given.extension and agent.wrap_up_ms == given.wrap_up_ms
  and same(agent.skills, given.skills) then
  return nil
end
agent.name, agent.extension, agent.skills = given.name, given.extension, given.skills
agent.wrap_up_ms = given.wrap_up_ms
tell_agent(ARGV[2], 'agent.profile', tonumber(ARGV[4]), agent, 
  {holds = agent.holds or -1, held = #(agent.held or {}), author = ARGV[3]})
keep(AGENTS, agent)
return nil
