-- What was settled in each of the last 60 minutes in which something was.
--
-- count_minute(complete, failed, bytes): notes it. Writes nothing.
-- check_minutes(): refuses keys of another type. Before the first write of a step.
-- flush_minutes(): writes what was counted. Once, at the end of a step.
local MINUTE_MS, KEPT_MINUTES = 60000, 60
local minute_complete, minute_failed, minute_bytes = 0, 0, 0
local function count_minute(complete, failed, bytes)
  minute_complete, minute_failed, minute_bytes = minute_complete + complete, minute_failed + failed, minute_bytes + bytes
end
local function check_minutes()
  require_type('minutes', 'hash')
  require_type('meta', 'hash')
end
local function drop_old_minutes()
  local kept = redis.call('HKEYS', key('minutes'))
  table.sort(kept, function(a, b) return tonumber(a) > tonumber(b) end)
  for place = KEPT_MINUTES + 1, #kept do redis.call('HDEL', key('minutes'), kept[place]) end
end
local function flush_minutes()
  if minute_complete + minute_failed == 0 then return end
  -- A clock that was set back goes on counting where it was.
  local last = tonumber(redis.call('HGET', key('meta'), 'minute') or '0')
  local at = math.max(last, now() - now() % MINUTE_MS)
  local known = redis.call('HGET', key('minutes'), whole(at)) or '0 0 0'
  local complete, failed, bytes = string.match(known, '^(%d+) (%d+) (%d+)$')
  redis.call('HSET', key('minutes'), whole(at), whole(complete + minute_complete) .. ' ' ..
    whole(failed + minute_failed) .. ' ' .. whole(bytes + minute_bytes))
  minute_complete, minute_failed, minute_bytes = 0, 0, 0
  if at == last then return end
  redis.call('HSET', key('meta'), 'minute', whole(at))
  drop_old_minutes()
end
