#!lua flags=no-writes
-- requires: clock, keys, totals, jobs, packing, marks, records, budget, leases, delays, overdue
-- What was counted and what is held.
-- Answers { totals, outcomes, durations, minutes, ms since the oldest live job or -1, live jobs, those of them that are
-- paused, what else is, delays, leases }. Delays: { uploads waiting for their time (of a thousand jobs at most), ms until
-- the first may run or -1, 1 when more jobs may have some }; leases: { how many are overdue, 1 when there are too many to
-- look at them here }.
local function look_at_delays()
  local jobs = read('SRANDMEMBER', 'delaying', MOST_DELAYING)
  local delayed, next_ms = 0, -1
  for _, id in ipairs(jobs) do
    local of_job, first_ms = delayed_of(id)
    delayed = delayed + of_job
    if first_ms >= 0 and (next_ms < 0 or first_ms < next_ms) then next_ms = first_ms end
  end
  return { delayed, next_ms, read('SCARD', 'delaying') > #jobs and 1 or 0 }
end
local function look_at_leases()
  if read('HLEN', 'leases') > MOST_LEASES_LOOKED_AT then return { 0, 1 } end
  return { #overdue_among(read('HGETALL', 'leases')), 0 }
end
local oldest = read('ZRANGE', 'live', 0, 0, 'WITHSCORES')
return {
  read('HGETALL', 'totals'), read('HGETALL', 'outcomes'), read('HGETALL', 'durations'), read('HGETALL', 'minutes'),
  oldest[2] and math.max(0, now() - tonumber(oldest[2])) or -1, read('ZCARD', 'live'), read('ZCARD', 'paused-jobs'),
  read('SMEMBERS', 'paused'), look_at_delays(), look_at_leases(),
}
