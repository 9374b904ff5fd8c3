-- Whom the agent of a former entry asked talks with the caller from now on.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  the former entry     ARGV[3]  at, ms
-- Returns  nil (now or before), entry_gone, entry_not_waiting
local entry = find(ENTRIES, ARGV[1])
if not entry then return 'entry_gone' end
if entry.state ~= 'connected' then return 'entry_not_waiting' end
if entry.kind ~= 'consult' then return nil end
entry.kind = 'call'
tell_entry(entry.id .. '-handed-over', 'entry.handed_over', tonumber(ARGV[3]), entry, {former = ARGV[2]})
keep(ENTRIES, entry)
return nil
