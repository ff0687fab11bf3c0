#!lua flags=allow-oom
-- requires: clock, keys, jobs, records, totals, budget, leases
-- Holds leases for longer. ARGV: leaseMs, then jobId, index and token of each.
-- Answers for each 'held' or why it is lost.
local lease_ms = tonumber(ARGV[1])
local answers = {}
for at = 2, #ARGV, 3 do
  local status, job, lease = standing(ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]))
  if status == 'held' then
    if lease.expired then
      lease.expired = false
      save_lease(lease)
      redis.call('LREM', job_key(job, ':expired'), 1, whole(lease.token))
    end
    redis.call('ZADD', key('deadlines:' .. lease.host), whole(now() + lease_ms), whole(lease.token))
  end
  answers[#answers + 1] = status == 'settled' and 'unknown' or status
end
return answers
