-- The offer came to nothing.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  offer     ARGV[3]  setback     ARGV[4]  at, ms
-- Returns  nil (now or before), entry_gone, other_offer, entry_not_waiting
local entry = find(ENTRIES, ARGV[1])
if entry and entry.withdrawn == ARGV[2] then return nil end
local returned = ARGV[3] == 'returned'
local refusal = refused(entry, ARGV[2], returned and 'returned' or 'withdrawn')
if refusal then return refusal end
if returned and (entry.kind or 'call') == 'call' then return 'entry_not_waiting' end
withdraw(entry, ARGV[2], find(AGENTS, agent_of(entry, ARGV[2])), ARGV[3], tonumber(ARGV[4]))
return nil
