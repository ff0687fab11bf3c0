-- The history of the store: one entry of a stream for all that one step has changed.
-- `n` is how many changes an entry holds; outside they are known as <entry>.<place>.
local changes = {}
local TRIM_LOOKS = 8
local function tell(change)
  changes[#changes + 1] = change
end
local function check_events()
  require_type('events', 'stream')
  require_type('meta', 'hash')
end
-- Drops the oldest entries while more is kept than `max_events`: at least twice what was added, never all of it.
local function trim_events(kept, added)
  local dropped, last = 0, nil
  local oldest = redis.call('XRANGE', key('events'), '-', '+', 'COUNT', TRIM_LOOKS)
  for _, entry in ipairs(oldest) do
    local held = tonumber(entry[2][2])
    if kept - dropped - held < max_events then break end
    dropped, last = dropped + held, entry[1]
    if dropped >= 2 * added + TRIM_LOOKS then break end
  end
  if not last then return end
  local after = string.match(last, '^%d+%-') .. whole(tonumber(string.match(last, '%-(%d+)$')) + 1)
  redis.call('XTRIM', key('events'), 'MINID', after)
  redis.call('HINCRBY', key('meta'), 'events', -dropped)
  redis.call('HSET', key('meta'), 'trimmedTo', last)
end
local function flush_events()
  if #changes == 0 then return end
  if redis.call('HEXISTS', key('meta'), 'trimmedTo') == 0 then
    local time = redis.call('TIME')
    redis.call('HSET', key('meta'), 'trimmedTo', whole(time[1] * 1000 + math.floor(time[2] / 1000) - 1) .. '-0', 'schema', '1')
  end
  redis.call('XADD', key('events'), '*', 'n', #changes, 'at', whole(now()), 'e', cjson.encode(changes))
  local kept = redis.call('HINCRBY', key('meta'), 'events', #changes)
  if kept > max_events then trim_events(kept, #changes) end
end
