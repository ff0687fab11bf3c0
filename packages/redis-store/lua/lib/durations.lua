-- For how long uploads were worked on: in all, and in each minute of `minutes`. Kept apart from that hash, which a version
-- before this one reads and writes beside it.
--
-- count_duration(lease, uploads): of so many that end now and were claimed with it. Writes nothing.
-- flush_durations(minute): puts what was counted. Once, at the end of a step.
--
-- A field is 'all' or a minute, and holds how many are in each bucket, then their sum in milliseconds.
local count_duration, flush_durations
do
  -- durationBoundsMs of core.
  local BOUNDS_MS = { 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 120000, 300000 }
  local counted, is_any = {}, false
  for place = 1, #BOUNDS_MS + 2 do counted[place] = 0 end
  local function bucket_of_ms(ms)
    for place, bound in ipairs(BOUNDS_MS) do
      if ms <= bound then return place end
    end
    return #BOUNDS_MS + 1
  end
  -- A lease that an earlier version gave out does not know since when. A clock that was set back can not tell.
  count_duration = function(lease, uploads)
    if not lease.claimedAt then return end
    local ms = math.max(0, now() - lease.claimedAt)
    local place = bucket_of_ms(ms)
    counted[place], counted[#counted], is_any = counted[place] + uploads, counted[#counted] + uploads * ms, true
  end
  local function added_to(known)
    local sums = {}
    for number in string.gmatch(known or '', '%d+') do sums[#sums + 1] = tonumber(number) end
    for place, by in ipairs(counted) do sums[place] = whole((sums[place] or 0) + by) end
    return table.concat(sums, ' ')
  end
  flush_durations = function(minute)
    if not is_any then return end
    local at = whole(minute)
    local known = read('HMGET', 'durations', 'all', at)
    put('durations', 'all', added_to(known[1]))
    put('durations', at, added_to(known[2]))
    if not known[2] then drop_old_minutes('durations') end
  end
end
