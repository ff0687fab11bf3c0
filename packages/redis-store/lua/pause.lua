#!lua flags=allow-oom
-- requires: clock, keys, wake, checks, totals, minutes, events, jobs, packing, marks, records, budget, leases, queue
-- Pauses or resumes a job, a host or the whole queue. ARGV: 'job', 'host' or 'queue', its id or name, '1' or '', maxEvents
-- Answers 1, or 0 when there is no such job.
local kind, name, paused = ARGV[1], ARGV[2], ARGV[3]
max_events = tonumber(ARGV[4])
require_types({ paused = 'set', leases = 'hash', meta = 'hash' })
check_events()
if kind == 'job' then
  local job = job_to_change(name)
  if not job then return 0 end
  job.paused = paused
  place(job)
  flush_jobs()
else
  local changed = redis.call(paused == '1' and 'SADD' or 'SREM', key('paused'), kind == 'host' and 'host:' .. name or 'queue')
  if kind == 'host' and changed == 1 then
    tell(paused == '1' and { type = 'host:paused', host = name, reason = 'operator', forMs = cjson.null }
      or { type = 'host:resumed', host = name })
  end
end
flush_events()
wake('*')
return 1
