#!lua flags=no-writes
-- requires: clock, keys
-- What was counted and what is held.
-- Answers { totals, waiting now for their time, ms since the oldest live job or -1, live jobs, paused, minutes }.
local delayed, DELAYING_JOBS = 0, 10000
for at, id in ipairs(redis.call('SMEMBERS', key('delaying'))) do
  if at > DELAYING_JOBS then break end
  delayed = delayed + redis.call('ZCOUNT', key('j:' .. id .. ':delayed'), '(' .. whole(now()), '+inf')
end
local oldest = redis.call('ZRANGE', key('live'), 0, 0, 'WITHSCORES')
return { redis.call('HGETALL', key('totals')), delayed, oldest[2] and now() - tonumber(oldest[2]) or -1,
  redis.call('ZCARD', key('live')), redis.call('SMEMBERS', key('paused')), redis.call('HGETALL', key('minutes')) }
