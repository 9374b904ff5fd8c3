-- A node takes an entry over.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  node     ARGV[3]  channel
-- Returns  {entry as JSON}, and further the agents as JSON to whom it is offered; nil where it is not live
local entry = find(ENTRIES, ARGV[1])
if not entry then return nil end
entry.node, entry.channel = ARGV[2], ARGV[3]
keep(ENTRIES, entry)
if entry.state ~= 'offered' then return {cjson.encode(entry)} end
local found = {cjson.encode(entry)}
for _, each in ipairs(rung_for(entry)) do found[#found + 1] = redis.call('HGET', AGENTS, each.agent) end
return found
