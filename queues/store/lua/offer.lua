-- Commit offers, each by itself.
-- KEYS     as in common.lua; KEYS[4] the dispatchers' fence; KEYS[5] what the keys of the nodes' inboxes begin with
-- ARGV[1]  fence     ARGV[2]  how many an inbox keeps     ARGV[3]  how long an inbox lives without offers, ms
-- ARGV[4…] six for each offer: offer, entry, agent, at (ms), why, beside (as JSON, or '')
-- Returns  for each offer '' (done, now or before), stale_fence, entry_gone, entry_not_waiting, agent_gone or
--          agent_not_ready
local function is_ready(agent)
  return agent and agent.status == 'available' and agent.state == 'idle' and agent.device == 'free'
end

-- Deferred work to an agent who holds it beside calls.
local function hand_over(entry, agent, offer, at, why)
  if #agent.held >= agent.holds then return 'agent_not_ready' end
  local had_waited = waited(entry, at)
  entry.state = ENTRY_MOVES[entry.state .. ' handed']
  entry.agent, entry.offer, entry.offered_at, entry.answered_at = agent.id, offer, at, at
  agent.held[#agent.held + 1] = entry.id
  tell_entry(offer .. '-offered', 'entry.offered', at, entry, {waited_ms = had_waited, why = why})
  tell_entry(offer .. '-answered', 'entry.answered', at, entry, {waited_ms = had_waited})
  tell_work(agent, offer .. '-agent-held', at)
  keep(ENTRIES, entry)
  keep(AGENTS, agent)
  return ''
end

-- To the agents who are ready, of those asked: {offer, agent} of each.
local function commit(entry, asked, at, why)
  if not entry then return 'entry_gone' end
  for _, each in ipairs(asked) do
    if each.offer == entry.withdrawn or agent_of(entry, each.offer) then return '' end
  end
  if not ENTRY_MOVES[entry.state .. ' offered'] then return 'entry_not_waiting' end
  local rung, agents = {}, {}
  for _, each in ipairs(asked) do
    local agent = find(AGENTS, each.agent)
    if #asked == 1 and not agent then return 'agent_gone' end
    if is_ready(agent) then
      rung[#rung + 1], agents[#agents + 1] = each, agent
    end
  end
  if not rung[1] then return 'agent_not_ready' end
  if not rung[2] and DEFERRED[entry.kind] and (agents[1].holds or -1) >= 0 then
    return hand_over(entry, agents[1], rung[1].offer, at, why)
  end
  local offer, told, message = rung[1].offer, {waited_ms = waited(entry, at), why = why}, {
    offer = rung[1].offer, entry = entry.id, call = entry.call, agent = agents[1].id, extension = agents[1].extension,
    ring_ms = entry.ring_ms, kind = entry.kind or 'call', file = entry.file or '',
    asterisk = agents[1].asterisk or ''}
  entry.state = ENTRY_MOVES[entry.state .. ' offered']
  entry.agent, entry.offer, entry.offered_at, entry.beside = agents[1].id, offer, at, {}
  for i = 2, #rung do
    entry.beside[i - 1] = rung[i]
    message.beside = message.beside or {}
    message.beside[i - 1] = {
      offer = rung[i].offer, agent = agents[i].id, extension = agents[i].extension, asterisk = agents[i].asterisk or ''}
  end
  if rung[2] then told.beside = entry.beside end
  tell_entry(offer .. '-offered', 'entry.offered', at, entry, told)
  for i, agent in ipairs(agents) do
    agent.entry, agent.offer, agent.offered_at = entry.id, rung[i].offer, at
    move_agent(agent, 'offered', at, rung[i].offer .. '-agent-offered')
    keep(AGENTS, agent)
  end
  keep(ENTRIES, entry)
  local inbox = KEYS[5] .. entry.node
  redis.call('XADD', inbox, 'MAXLEN', '~', ARGV[2], '*', 'o', cjson.encode(message))
  redis.call('PEXPIRE', inbox, ARGV[3])
  return ''
end

local current = redis.call('GET', KEYS[4]) == ARGV[1]
local outcomes = {}
for i = 4, #ARGV, 6 do
  local asked = {{offer = ARGV[i], agent = ARGV[i + 2]}}
  for _, each in ipairs(ARGV[i + 5] ~= '' and cjson.decode(ARGV[i + 5]) or {}) do asked[#asked + 1] = each end
  outcomes[#outcomes + 1] = current
    and commit(find(ENTRIES, ARGV[i + 1]), asked, tonumber(ARGV[i + 3]), ARGV[i + 4])
    or 'stale_fence'
end
return outcomes
