-- A caller who was aside waits again, in the place kept.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  the event's id     ARGV[3]  at, ms
-- Returns  nil (now or before), entry_gone, entry_not_waiting
local entry = find(ENTRIES, ARGV[1])
if not entry then return 'entry_gone' end
if entry.state == 'waiting' then return nil end
if not ENTRY_MOVES[entry.state .. ' came_back'] then return 'entry_not_waiting' end
entry.state, entry.pending = ENTRY_MOVES[entry.state .. ' came_back'], {}
tell_entry(ARGV[2], 'entry.back', tonumber(ARGV[3]), entry, {})
keep(ENTRIES, entry)
return nil
