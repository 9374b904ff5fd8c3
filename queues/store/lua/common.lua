-- What the commits on entries and agents share. Put before each of them, after the tables MOVES and FACTS, which are
-- made from queues/states.py.
--
-- KEYS[1]  hash: entry id -> entry as JSON (the fields of queues.model.Entry)
-- KEYS[2]  hash: agent id -> agent as JSON (the fields of queues.model.Agent)
-- KEYS[3]  the event stream; each item has one field, e: {"id", "kind", "at", "call", "data"} as JSON
-- All keys, those of the inboxes too, have the same hash tag, so that they live in one slot of a cluster.
-- A commit returns nil when done, or the word of a queues.model.Refusal when nothing was changed.

local ENTRIES, AGENTS, EVENTS = KEYS[1], KEYS[2], KEYS[3]

local function find(key, id)
  local text = redis.call('HGET', key, id)
  return text and cjson.decode(text)
end

local function keep(key, thing)
  redis.call('HSET', key, thing.id, cjson.encode(thing))
end

local function tell(id, kind, at, call, what, thing, data)
  for _, name in ipairs(FACTS[kind]) do
    if data[name] == nil then data[name] = thing[name] end
  end
  data[what] = thing.id
  redis.call('XADD', EVENTS, '*', 'e', cjson.encode({id = id, kind = kind, at = at, call = call, data = data}))
end

local function tell_entry(id, kind, at, entry, data)
  tell(id, kind, at, entry.call, 'entry', entry, data)
end

local function tell_agent(id, kind, at, agent, data)
  tell(id, kind, at, '', 'agent', agent, data)
end

-- The deferred work that an agent has beside calls.
local function tell_work(agent, id, at, author)
  tell_agent(id, 'agent.work', at, agent, {holds = agent.holds or -1, held = #(agent.held or {}), author = author or ''})
end

local function holds(agent, entry)
  for i, name in ipairs(agent.held or {}) do
    if name == entry.id then return i end
  end
  return nil
end

local function waited(entry, at)
  return math.max(0, at - entry.since)
end

-- Its offers in force: {offer, agent} of each.
local function rung_for(entry)
  local rung = {}
  if entry.offer ~= '' then rung[1] = {offer = entry.offer, agent = entry.agent} end
  for _, each in ipairs(entry.beside or {}) do rung[#rung + 1] = each end
  return rung
end

-- To whom it is offered so, or nil.
local function agent_of(entry, offer)
  if offer == '' then return nil end
  for _, each in ipairs(rung_for(entry)) do
    if each.offer == offer then return each.agent end
  end
  return nil
end

-- Why that cause may not move the entry under that offer, if it may not.
local function refused(entry, offer, cause)
  if not entry then return 'entry_gone' end
  if entry.offer ~= offer and not agent_of(entry, offer) then return 'other_offer' end
  if not ENTRY_MOVES[entry.state .. ' ' .. cause] then return 'entry_not_waiting' end
  return nil
end

local function not_in_line(entry)
  if not entry then return 'entry_gone' end
  if entry.state ~= 'waiting' and entry.state ~= 'offered' then return 'entry_not_waiting' end
  return nil
end

-- nil is of an entry that an earlier version kept.
local function is_sent_away(entry)
  return entry.sent_away ~= nil and entry.sent_away ~= ''
end

-- One line of the table, and its event; the caller keeps the agent. `told`: the cause in the event's own words;
-- `more`: further data of the event.
local function move_agent(agent, cause, at, event, told, more)
  local before = agent.state
  agent.state = AGENT_MOVES[before .. ' ' .. cause] or error('no move from ' .. before .. ' by ' .. cause)
  if not BUSY_WITH_A_CALL[agent.state] then agent.entry, agent.offer = '', '' end
  local data = more or {}
  data.from, data.to, data.cause = before, agent.state, told or cause
  tell_agent(event, 'agent.state', at, agent, data)
end

local function wrap_up_over(agent, at, event, cause, more)
  agent.idle_since, agent.wrap_up_until, agent.wrap_up_latest = at, 0, 0
  agent.busy_ms = agent.busy_ms + math.max(0, at - agent.offered_at)
  move_agent(agent, cause or 'wrapped_up', at, event, nil, more)
end

-- The entry is offered so, to that agent; keeps both. Another offer takes its place where there is one.
local function withdraw(entry, offer, agent, setback, at)
  local untl = EXCLUDING[setback] and at + (entry.left_out_ms or RONA_EXCLUDED_MS) or 0
  tell_entry(offer .. '-withdrawn', 'entry.withdrawn', at, entry,
    {agent = agent.id, offer = offer, reason = setback, excluded_until = untl})
  local left = {}
  for _, each in ipairs(rung_for(entry)) do
    if each.offer ~= offer then left[#left + 1] = each end
  end
  local held = holds(agent, entry)
  local back = (held or setback == 'returned') and 'returned' or 'withdrawn'
  entry.state = ENTRY_MOVES[entry.state .. ' ' .. (left[1] and 'released' or back)]
  if left[1] then
    local first = table.remove(left, 1)
    entry.offer, entry.agent = first.offer, first.agent
  else
    entry.agent, entry.offer, entry.offered_at = '', '', 0
  end
  entry.beside, entry.withdrawn = left, offer
  local excluded = {}
  for who, ends in pairs(entry.excluded) do
    if ends > at and who ~= agent.id then excluded[who] = ends end
  end
  if untl > 0 then excluded[agent.id] = untl end
  entry.excluded = excluded
  keep(ENTRIES, entry)
  if held then
    table.remove(agent.held, held)
    tell_work(agent, offer .. '-agent-returned', at)
    keep(AGENTS, agent)
    return
  end
  local cause = back
  if setback == 'no_answer' then
    agent.missed = agent.missed + 1
    if agent.missed >= RONA_LIMIT then cause = 'missed' end
  end
  move_agent(agent, cause, at, offer .. '-agent-withdrawn', setback)
  keep(AGENTS, agent)
end

-- What an agent holds beside calls is in line again; keeps the agent as it is then.
local function give_all_back(agent, at)
  while agent.held and agent.held[1] do
    local entry = find(ENTRIES, agent.held[1])
    withdraw(entry, entry.offer, agent, 'agent_left', at)
  end
end
