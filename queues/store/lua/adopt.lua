-- A node takes an entry over.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  node     ARGV[3]  channel
-- Returns  {entry as JSON} or {entry as JSON, agent as JSON} where it is offered; nil where it is not live
local entry = find(ENTRIES, ARGV[1])
if not entry then return nil end
entry.node, entry.channel = ARGV[2], ARGV[3]
keep(ENTRIES, entry)
if entry.state ~= 'offered' then return {cjson.encode(entry)} end
return {cjson.encode(entry), redis.call('HGET', AGENTS, entry.agent)}
