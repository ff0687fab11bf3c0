#!lua flags=no-writes
-- requires: clock, keys
-- What was counted and what is held: as many commands as there are hosts, and a few more.
-- Answers { totals, outcomes, durations, minutes, ms since the oldest live job or -1, live jobs, those of them that are
-- paused, what else is, ms until the first that is delayed may run or -1, leases that are overdue, ms since 1970 }.
local function ms_until_first_delayed()
  local first = read('ZRANGE', 'delaying', 0, 0, 'WITHSCORES')
  return first[2] and math.max(0, tonumber(first[2]) - now()) or -1
end
-- Those that a claim has found have no deadline any more.
local function count_overdue()
  local overdue = read('SCARD', 'expired')
  for _, host in ipairs(read('SMEMBERS', 'hosts')) do
    overdue = overdue + read('ZCOUNT', 'deadlines:' .. host, '-inf', whole(now()))
  end
  return overdue
end
local oldest = read('ZRANGE', 'live', 0, 0, 'WITHSCORES')
return {
  read('HGETALL', 'totals'), read('HGETALL', 'outcomes'), read('HGETALL', 'durations'), read('HGETALL', 'minutes'),
  oldest[2] and math.max(0, now() - tonumber(oldest[2])) or -1, read('ZCARD', 'live'), read('ZCARD', 'paused-jobs'),
  read('SMEMBERS', 'paused'), ms_until_first_delayed(), count_overdue(), now(),
}
