-- What an Asterisk says of the agent's phone.
-- KEYS     as in common.lua
-- ARGV[1]  agent     ARGV[2]  device     ARGV[3]  the event's id     ARGV[4]  at, ms     ARGV[5]  the Asterisk's name
-- Returns  nil, agent_gone
local agent = find(AGENTS, ARGV[1])
local here = ARGV[5]
if not agent then return 'agent_gone' end
local devices = agent.devices or {}
local device, asterisk = agent.device, agent.asterisk or ''
local came = ARGV[2] ~= 'unreachable' and not devices[here]
local was = devices[here]
devices[here] = ARGV[2] ~= 'unreachable' and ARGV[2] or nil
agent.devices, agent.device = devices, 'unreachable'
local first
for name, what in pairs(devices) do
  if what == 'busy' or agent.device == 'unreachable' then agent.device = what end
  if not first or name < first then first = name end
end
if came then
  agent.asterisk = here
elseif not devices[asterisk] then
  agent.asterisk = first or ''
end
if agent.device ~= device or agent.asterisk ~= asterisk then
  tell_agent(ARGV[3], 'agent.device', tonumber(ARGV[4]), agent, {})
elseif was == devices[here] then
  return nil
end
keep(AGENTS, agent)
return nil
