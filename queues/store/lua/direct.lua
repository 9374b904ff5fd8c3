-- The agent who talks with the caller says what is to become of them: the entry's node is told.
-- KEYS     as in common.lua; KEYS[4] what the keys of the nodes' inboxes begin with
-- ARGV[1]  entry     ARGV[2]  agent     ARGV[3]  onward as JSON     ARGV[4]  how many an inbox keeps
-- ARGV[5]  how long an inbox lives without notices, ms     ARGV[6]  at, ms
-- Returns  nil (now or before), entry_gone, entry_not_waiting, other_offer
local entry = find(ENTRIES, ARGV[1])
if not entry then return 'entry_gone' end
local parked = entry.state == 'aside' and next(entry.parked or {}) ~= nil
if not parked then
  if entry.state ~= 'connected' or DEFERRED[entry.kind or 'call'] then return 'entry_not_waiting' end
  if entry.agent ~= ARGV[2] then return 'other_offer' end
end
local onward = cjson.decode(ARGV[3])
if entry.onward and entry.onward.id == onward.id then return nil end
entry.onward = onward
tell_entry(onward.id .. '-directed', 'entry.directed', tonumber(ARGV[6]), entry,
  {id = onward.id, how = onward.how, to = onward.to, author = onward.author})
keep(ENTRIES, entry)
local inbox = KEYS[4] .. entry.node
redis.call('XADD', inbox, 'MAXLEN', '~', ARGV[4], '*', 'm', cjson.encode({
  entry = entry.id, call = entry.call, onward = onward}))
redis.call('PEXPIRE', inbox, ARGV[5])
return nil
