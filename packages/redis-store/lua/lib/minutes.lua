-- What was settled in each of the last 60 minutes in which something was.
--
-- count_minute(complete, failed, bytes): notes it. Writes nothing.
-- check_minutes(): refuses a key of another type. Before the first write of a step.
-- flush_minutes(): puts what was counted, and answers the minute. Once, at the end of a step.
-- drop_old_minutes(suffix): keeps the last 60 of a hash by minutes; what else is in it stays.
local count_minute, check_minutes, drop_old_minutes, flush_minutes
do
  local MINUTE_MS, KEPT_MINUTES = 60000, 60
  local minute_complete, minute_failed, minute_bytes = 0, 0, 0
  count_minute = function(complete, failed, bytes)
    minute_complete, minute_failed, minute_bytes = minute_complete + complete, minute_failed + failed, minute_bytes + bytes
  end
  check_minutes = function() require_types({ meta = 'hash', minutes = 'hash' }) end
  drop_old_minutes = function(suffix)
    local kept = {}
    for _, at in ipairs(read('HKEYS', suffix)) do kept[#kept + 1] = tonumber(at) end
    table.sort(kept, function(a, b) return a > b end)
    -- The minute that begins comes on top of these.
    for place = KEPT_MINUTES, #kept do drop(suffix, whole(kept[place])) end
  end
  flush_minutes = function()
    if minute_complete + minute_failed == 0 then return end
    -- A clock that was set back goes on counting where it was.
    local last = tonumber(meta.minute or '0')
    local at = math.max(last, now() - now() % MINUTE_MS)
    local known = read('HGET', 'minutes', whole(at)) or '0 0 0'
    local complete, failed, bytes = string.match(known, '^(%d+) (%d+) (%d+)$')
    put('minutes', whole(at), whole(complete + minute_complete) .. ' ' .. whole(failed + minute_failed) .. ' ' ..
      whole(bytes + minute_bytes))
    minute_complete, minute_failed, minute_bytes = 0, 0, 0
    if at ~= last then
      put('meta', 'minute', whole(at))
      drop_old_minutes('minutes')
    end
    return at
  end
end
