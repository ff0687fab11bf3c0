-- The history of the store: one entry of a stream for all that one step has changed.
--
-- tell(change): notes a StoreChange; a job in it as `summary_of` makes it. Cheap, writes nothing.
-- check_events(): refuses keys of another type. Before the first write of a step.
-- flush_events(): writes what was told, in that order. Once, at the end of a step. The step sets `max_events` before.
-- begin_history(): where the history of a new or emptied store begins. Called by flush_events; harmless at any time.
--
-- An entry: `n` how many changes, `at` when, `p` the id of the entry before, `e` the changes as JSON, and `first` when
-- it is the first of its store. Outside a change is known as <entry>.<place>. `p` makes a chain, so that a reader sees
-- by the entry alone whether it missed one: trimmed, emptied, or lost with a server that had not passed it on yet.
-- `trimmedTo` in `meta` is the last entry that was dropped, or a time before all entries.
local tell, check_events, flush_events
do
  local told_changes = {}
  local LEAST_DROPPED, MOST_LOOKED_AT = 8, 16
  tell = function(change)
    told_changes[#told_changes + 1] = change
  end
  check_events = function()
    require_type('events', 'stream')
    require_type('meta', 'hash')
  end
  local function begin_history()
    if meta.trimmedTo then return end
    -- The ids of a stream are times of Redis, whatever clock the store goes by.
    local time = redis.call('TIME')
    local born = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
    -- No entry has that place in a millisecond, also not the last one of a store that was emptied just now.
    local BEFORE_ALL = '-999999999999'
    meta.trimmedTo = whole(born - 1) .. BEFORE_ALL
    redis.call('HSET', key('meta'), 'born', whole(born), 'trimmedTo', meta.trimmedTo, 'schema', SCHEMA)
  end
  -- The last entry to drop so that no more than `max_events` is kept, and how many changes go with it. Where much is to be
  -- dropped it is done over some steps, each dropping at least twice what it has added. The newest entry stays, however
  -- much it holds. Entries may be large, so few are looked at first.
  local function find_surplus(kept, added, newest)
    local enough, looks, dropped, last = 2 * added + LEAST_DROPPED, 1, 0, nil
    while true do
      local entries = redis.call('XRANGE', key('events'), last and '(' .. last or '-', '+', 'COUNT', looks)
      for _, entry in ipairs(entries) do
        if kept - dropped <= max_events or dropped >= enough or entry[1] == newest then return last, dropped end
        last, dropped = entry[1], dropped + (tonumber(entry[2][2]) or 1)
      end
      if #entries == 0 then return last, dropped end
      looks = math.min(2 * looks, MOST_LOOKED_AT)
    end
  end
  local function trim_events(kept, added, newest)
    local last, dropped = find_surplus(kept, added, newest)
    if not last then return kept end
    local ms, order = string.match(last, '^(%d+)%-(%d+)$')
    redis.call('XTRIM', key('events'), 'MINID', ms .. '-' .. whole(tonumber(order) + 1))
    redis.call('HSET', key('meta'), 'trimmedTo', last)
    return kept - dropped
  end
  flush_events = function()
    local added = #told_changes
    if added == 0 then return end
    begin_history()
    local first = not meta.lastEvent
    local id = redis.call('XADD', key('events'), '*', 'n', added, 'at', whole(now()), 'p', meta.lastEvent or meta.trimmedTo,
      'e', cjson.encode(told_changes), unpack(first and { 'first', '1' } or {}))
    local kept = (tonumber(meta.events) or 0) + added
    if kept > max_events then kept = trim_events(kept, added, id) end
    redis.call('HSET', key('meta'), 'events', whole(kept), 'lastEvent', id)
    told_changes = {}
  end
end
