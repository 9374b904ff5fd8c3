-- Commit what overflow rules and announcements do for waiting calls, each by itself.
-- KEYS     as in common.lua; KEYS[4] the dispatchers' fence; KEYS[5] what the keys of the nodes' inboxes begin with;
--          KEYS[6] the set of closed queues
-- ARGV[1]  fence     ARGV[2]  how many an inbox keeps     ARGV[3]  how long an inbox lives without notices, ms
-- ARGV[4…] the deeds as JSON (queues/overflow/deeds.py); what one does not do is not in it
-- Returns  for each deed '' (done, now or before), stale_fence, entry_gone, entry_not_waiting or queue_closed
local function follow(deed, entry)
  local at, author = deed.at, deed.rule
  entry.followed = entry.followed or {}
  entry.followed[deed.rule] = at
  deed.told.rule, deed.told.author = deed.rule, author
  tell_entry(deed.id .. '-overflowed', 'entry.overflowed', at, entry, deed.told)
  if deed.move then
    local before, had_waited = entry.queue, waited(entry, at)
    entry.queue, entry.entered, entry.preferred, entry.since = deed.move.queue, at, {}, deed.move.since
    entry.hops = (entry.hops or 0) + 1
    entry.also, entry.exits, entry.announced = {}, {}, {}
    for name, value in pairs(deed.move.terms) do entry[name] = value end
    tell_entry(deed.id .. '-moved', 'entry.moved', at, entry,
      {from = before, reason = 'overflow', author = author, waited_ms = had_waited})
  end
  if deed.priority then
    entry.priority = deed.priority
    tell_entry(deed.id .. '-prioritised', 'entry.prioritised', at, entry, {reason = 'overflow', author = author})
  end
  if deed.also then
    entry.also = deed.also
    for who, said in pairs(deed.members) do
      if not entry.members[who] then entry.members[who] = said end
    end
    tell_entry(deed.id .. '-widened', 'entry.widened', at, entry, {author = author})
  end
  if deed.exits then entry.exits = deed.exits end
  if deed.aside then
    entry.state, entry.pending = ENTRY_MOVES[entry.state .. ' set_aside'], deed.notice
    tell_entry(deed.id .. '-aside', 'entry.aside', at, entry, {reason = deed.told.action})
  end
end

local function commit(deed, entry)
  if not entry then return 'entry_gone' end
  if entry.deed == deed.id then return '' end
  if entry.state ~= 'waiting' or is_sent_away(entry) then return 'entry_not_waiting' end
  if deed.move and redis.call('SISMEMBER', KEYS[6], deed.move.queue) == 1 then return 'queue_closed' end
  entry.deed = deed.id
  if deed.rule ~= '' then
    follow(deed, entry)
  else
    entry.announced = deed.announced
    deed.told.announced = deed.announced
    tell_entry(deed.id .. '-announced', 'entry.announced', deed.at, entry, deed.told)
  end
  keep(ENTRIES, entry)
  if deed.notice then
    local inbox = KEYS[5] .. entry.node
    redis.call('XADD', inbox, 'MAXLEN', '~', ARGV[2], '*', 'n', cjson.encode({
      deed = deed.id, entry = entry.id, call = entry.call, rule = deed.rule, what = deed.notice}))
    redis.call('PEXPIRE', inbox, ARGV[3])
  end
  return ''
end

local current = redis.call('GET', KEYS[4]) == ARGV[1]
local outcomes = {}
for i = 4, #ARGV do
  local deed = cjson.decode(ARGV[i])
  outcomes[#outcomes + 1] = current and commit(deed, find(ENTRIES, deed.entry)) or 'stale_fence'
end
return outcomes
