-- Put a call in line.
-- KEYS     as in common.lua; KEYS[4] the set of closed queues
-- ARGV[1]  the entry as JSON     ARGV[2]  this commit's own id, kept in the entry so that its repetition is known
-- Returns  1, 0 where the entry's id is known already, or queue_closed
local entry = cjson.decode(ARGV[1])
local known = find(ENTRIES, entry.id)
if known then return known.commit == ARGV[2] and 1 or 0 end
if entry.kind == 'call' and redis.call('SISMEMBER', KEYS[4], entry.queue) == 1 then return 'queue_closed' end
entry.commit = ARGV[2]
keep(ENTRIES, entry)
tell_entry(entry.id .. '-entered', 'entry.entered', entry.entered, entry, {})
return 1
