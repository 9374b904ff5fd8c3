-- A waiting entry into another queue, on that queue's terms. What the former one added, offered and told is over.
-- KEYS     as in common.lua; KEYS[4] the set of closed queues
-- ARGV[1]  entry     ARGV[2]  queue     ARGV[3]  terms as JSON     ARGV[4]  1: the place is kept     ARGV[5]  reason
-- ARGV[6]  author    ARGV[7]  the event's id     ARGV[8]  at, ms
-- Returns  nil (now or before with the same time), entry_gone, entry_not_waiting, queue_closed
local entry = find(ENTRIES, ARGV[1])
local queue, at = ARGV[2], tonumber(ARGV[8])
if not entry then return 'entry_gone' end
if entry.queue == queue and entry.entered == at then return nil end
if not ENTRY_MOVES[entry.state .. ' moved'] or is_sent_away(entry) then return 'entry_not_waiting' end
if redis.call('SISMEMBER', KEYS[4], queue) == 1 then return 'queue_closed' end
local before, had_waited = entry.queue, waited(entry, at)
entry.queue, entry.entered, entry.preferred = queue, at, {}
entry.also, entry.exits, entry.announced = {}, {}, {}
if ARGV[4] ~= '1' then entry.since = at end
for name, value in pairs(cjson.decode(ARGV[3])) do entry[name] = value end
tell_entry(ARGV[7], 'entry.moved', at, entry,
  {from = before, reason = ARGV[5], author = ARGV[6], waited_ms = had_waited})
keep(ENTRIES, entry)
return nil
