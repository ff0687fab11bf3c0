#!lua flags=no-writes
-- requires: clock, keys, delays
-- What was counted and what is held.
-- Answers { totals, uploads waiting for their time (of a thousand jobs at most), ms since the oldest live job or -1,
-- live jobs, paused, minutes, 1 when more jobs may have uploads waiting for their time }.
local function count_delayed()
  local jobs = redis.call('SRANDMEMBER', key('delaying'), MOST_DELAYING)
  local delayed = 0
  for _, id in ipairs(jobs) do delayed = delayed + delayed_of(id) end
  return delayed, redis.call('SCARD', key('delaying')) > #jobs and 1 or 0
end
local delayed, has_more = count_delayed()
local oldest = redis.call('ZRANGE', key('live'), 0, 0, 'WITHSCORES')
return { redis.call('HGETALL', key('totals')), delayed,
  oldest[2] and math.max(0, now() - tonumber(oldest[2])) or -1, redis.call('ZCARD', key('live')),
  redis.call('SMEMBERS', key('paused')), redis.call('HGETALL', key('minutes')), has_more }
