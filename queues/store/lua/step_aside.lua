-- A waiting caller does something else; the place is kept.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  reason     ARGV[3]  the event's id     ARGV[4]  at, ms
-- Returns  nil (now or before), entry_gone, entry_not_waiting
local entry = find(ENTRIES, ARGV[1])
if not entry then return 'entry_gone' end
if entry.state == 'aside' then return nil end
if not ENTRY_MOVES[entry.state .. ' set_aside'] or is_sent_away(entry) then return 'entry_not_waiting' end
entry.state = ENTRY_MOVES[entry.state .. ' set_aside']
tell_entry(ARGV[3], 'entry.aside', tonumber(ARGV[4]), entry, {reason = ARGV[2]})
keep(ENTRIES, entry)
return nil
