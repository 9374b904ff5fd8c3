-- The agent puts the caller on hold, or takes them back.
-- KEYS     as in common.lua
-- ARGV[1]  entry     ARGV[2]  1: on hold, 0: back     ARGV[3]  the event's id     ARGV[4]  at, ms
-- Returns  nil (now or before), entry_gone, entry_not_waiting
local entry = find(ENTRIES, ARGV[1])
if not entry then return 'entry_gone' end
if entry.state ~= 'connected' then return 'entry_not_waiting' end
local agent = find(AGENTS, entry.agent)
if holds(agent, entry) then return 'entry_not_waiting' end
local held = ARGV[2] == '1'
if (agent.state == 'hold') == held then return nil end
move_agent(agent, held and 'held' or 'took_back', tonumber(ARGV[4]), ARGV[3])
keep(AGENTS, agent)
return nil
