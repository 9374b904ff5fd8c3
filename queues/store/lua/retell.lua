-- Tell a store that knew nothing what the history knows of one Asterisk: all of it at once, and once.
-- KEYS     as in common.lua; KEYS[4] the set of closed queues     KEYS[5]  hash: name of a switch -> switch as JSON
-- KEYS[6]  since when the store knows anything, ms     KEYS[7]  the set of Asterisks of which it was told
-- ARGV[1]  since when, as whoever tells knows it     ARGV[2]  node     ARGV[3]  asterisk
-- ARGV[4]  {{queue, author, the event's id}, …} as JSON     ARGV[5]  {{name, switch as JSON, event as JSON}, …} as JSON
-- ARGV[6]  the event's id     ARGV[7]  at, ms     ARGV[8…]  entries as JSON
-- Returns  1, or 0 where it was told before, or began at another time
local asterisk, at = ARGV[3], tonumber(ARGV[7])
if redis.call('GET', KEYS[6]) ~= ARGV[1] or redis.call('SADD', KEYS[7], asterisk) == 0 then return 0 end

local function append(id, kind, data)
  redis.call('XADD', EVENTS, '*', 'e', cjson.encode({id = id, kind = kind, at = at, call = '', data = data}))
end

local closed, switches, entries = 0, 0, 0
for _, each in ipairs(cjson.decode(ARGV[4])) do
  if redis.call('SADD', KEYS[4], each[1]) == 1 then
    append(each[3], 'queue.closed', {queue = each[1], author = each[2]})
    closed = closed + 1
  end
end
for _, each in ipairs(cjson.decode(ARGV[5])) do
  if redis.call('HSETNX', KEYS[5], each[1], each[2]) == 1 then
    redis.call('XADD', EVENTS, '*', 'e', each[3])
    switches = switches + 1
  end
end
for i = 8, #ARGV do
  local entry = cjson.decode(ARGV[i])
  if not find(ENTRIES, entry.id) then
    keep(ENTRIES, entry)
    tell_entry(entry.id .. '-restored-' .. ARGV[7], 'entry.restored', at, entry, {})
    entries = entries + 1
  end
end
append(ARGV[6], 'store.told',
  {node = ARGV[2], asterisk = asterisk, entries = entries, closed = closed, switches = switches})
return 1
