-- An entry counts as if it had waited longer, or less long.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  priority     ARGV[3]  reason     ARGV[4]  author     ARGV[5]  the event's id
-- ARGV[6]  at, ms
-- Returns  nil (now or before), entry_gone, entry_not_waiting
local entry = find(ENTRIES, ARGV[1])
local refusal = not_in_line(entry)
if refusal then return refusal end
local priority = tonumber(ARGV[2])
if entry.priority == priority then return nil end
entry.priority = priority
tell_entry(ARGV[5], 'entry.prioritised', tonumber(ARGV[6]), entry, {reason = ARGV[3], author = ARGV[4]})
keep(ENTRIES, entry)
return nil
