#!lua flags=no-writes
-- requires: clock, keys, delays
-- What was counted and what is held.
-- Answers { totals, uploads waiting for their time (of a thousand jobs at most), ms since the oldest live job or -1,
-- live jobs, paused, minutes, 1 when more jobs may have uploads waiting for their time }.
local function count_delayed()
  local jobs = read('SRANDMEMBER', 'delaying', MOST_DELAYING)
  local delayed = 0
  for _, id in ipairs(jobs) do delayed = delayed + delayed_of(id) end
  return delayed, read('SCARD', 'delaying') > #jobs and 1 or 0
end
local delayed, has_more = count_delayed()
local oldest = read('ZRANGE', 'live', 0, 0, 'WITHSCORES')
return { read('HGETALL', 'totals'), delayed,
  oldest[2] and math.max(0, now() - tonumber(oldest[2])) or -1, read('ZCARD', 'live'),
  read('SMEMBERS', 'paused'), read('HGETALL', 'minutes'), has_more }
