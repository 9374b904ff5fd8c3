-- The agent's phone was lost in mid-talk: the caller waits again.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  offer     ARGV[3]  for how long that agent alone is asked, ms     ARGV[4]  at, ms
-- Returns  nil (now or before), entry_gone, other_offer, entry_not_waiting
local entry = find(ENTRIES, ARGV[1])
local offer, prefer, at = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
if entry and entry.withdrawn == offer then return nil end
local refusal = refused(entry, offer, 'interrupted')
if refusal then return refusal end
if (entry.kind or 'call') ~= 'call' then return 'entry_not_waiting' end
local agent = find(AGENTS, entry.agent)
local talk_ms = at - entry.answered_at
agent.busy_ms = agent.busy_ms + math.max(0, at - agent.offered_at)
entry.preferred = {}
if agent.status == 'available' and prefer > 0 then
  entry.preferred = {agents = {agent.id}, for_ms = at - entry.entered + prefer}
end
entry.state = ENTRY_MOVES[entry.state .. ' interrupted']
entry.agent, entry.offer, entry.offered_at, entry.withdrawn = '', '', 0, offer
entry.excluded[agent.id] = nil
tell_entry(offer .. '-interrupted', 'entry.interrupted', at, entry, {agent = agent.id, offer = offer, talk_ms = talk_ms})
move_agent(agent, 'interrupted', at, offer .. '-agent-interrupted')
keep(ENTRIES, entry)
if agent.reason == REMOVED then redis.call('HDEL', AGENTS, agent.id) else keep(AGENTS, agent) end
return nil
