-- An entry is to leave the line by its flow's exit: its node is told.
-- KEYS     as in common.lua; KEYS[4] what the keys of the nodes' inboxes begin with
-- ARGV[1]  entry     ARGV[2]  reason     ARGV[3]  author     ARGV[4]  how many an inbox keeps
-- ARGV[5]  how long an inbox lives without notices, ms     ARGV[6]  at, ms
-- Returns  nil (now or before), entry_gone, entry_not_waiting
local entry = find(ENTRIES, ARGV[1])
local refusal = not_in_line(entry)
if refusal then return refusal end
if is_sent_away(entry) then return nil end
entry.sent_away = ARGV[2]
tell_entry(entry.id .. '-sent-away', 'entry.sent_away', tonumber(ARGV[6]), entry,
  {reason = ARGV[2], author = ARGV[3]})
keep(ENTRIES, entry)
local inbox = KEYS[4] .. entry.node
redis.call('XADD', inbox, 'MAXLEN', '~', ARGV[4], '*', 'a', cjson.encode({
  entry = entry.id, call = entry.call, reason = ARGV[2]}))
redis.call('PEXPIRE', inbox, ARGV[5])
return nil
