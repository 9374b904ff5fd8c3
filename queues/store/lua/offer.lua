-- Commit offers, each by itself.
-- KEYS     as in common.lua; KEYS[4] the dispatchers' fence; KEYS[5] what the keys of the nodes' inboxes begin with
-- ARGV[1]  fence     ARGV[2]  how many an inbox keeps     ARGV[3]  how long an inbox lives without offers, ms
-- ARGV[4…] five for each offer: offer, entry, agent, at (ms), why
-- Returns  for each offer '' (done, now or before), stale_fence, entry_gone, entry_not_waiting, agent_gone or
--          agent_not_ready
local function commit(offer, entry, agent, at, why)
  if not entry then return 'entry_gone' end
  if entry.offer == offer or entry.withdrawn == offer then return '' end
  if not ENTRY_MOVES[entry.state .. ' offered'] then return 'entry_not_waiting' end
  if not agent then return 'agent_gone' end
  if agent.status ~= 'available' or agent.state ~= 'idle' or agent.device ~= 'free' then return 'agent_not_ready' end
  entry.state = ENTRY_MOVES[entry.state .. ' offered']
  entry.agent, entry.offer, entry.offered_at = agent.id, offer, at
  agent.entry, agent.offer, agent.offered_at = entry.id, offer, at
  tell_entry(offer .. '-offered', 'entry.offered', at, entry, {waited_ms = waited(entry, at), why = why})
  move_agent(agent, 'offered', at, offer .. '-agent-offered')
  keep(ENTRIES, entry)
  keep(AGENTS, agent)
  local inbox = KEYS[5] .. entry.node
  redis.call('XADD', inbox, 'MAXLEN', '~', ARGV[2], '*', 'o', cjson.encode({
    offer = offer, entry = entry.id, call = entry.call, agent = agent.id, extension = agent.extension,
    ring_ms = entry.ring_ms}))
  redis.call('PEXPIRE', inbox, ARGV[3])
  return ''
end

local current = redis.call('GET', KEYS[4]) == ARGV[1]
local outcomes = {}
for i = 4, #ARGV, 5 do
  outcomes[#outcomes + 1] = current
    and commit(ARGV[i], find(ENTRIES, ARGV[i + 1]), find(AGENTS, ARGV[i + 2]), tonumber(ARGV[i + 3]), ARGV[i + 4])
    or 'stale_fence'
end
return outcomes
