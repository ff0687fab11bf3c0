#!lua flags=allow-oom
-- requires: clock, keys, writes, wake, checks, totals, minutes, events, jobs, packing, marks, records, budget, leases, queue
-- Cancels a job by one mark; how many uploads it has makes no difference.
-- ARGV: job id, request id, retentionMs, maxEvents
-- Answers { job, jobFinished } or nothing.
local job = job_to_change(ARGV[1])
retention_ms, max_events = tonumber(ARGV[3]), tonumber(ARGV[4])
if not job then return false end
require_type('paused', 'set')
if was_asked(job.cancelledBy, ARGV[2]) then return { answer_job(job), 1 } end
if job.finishedAt > 0 then return { answer_job(job), 0 } end
require_types({ meta = 'hash', live = 'zset', expiry = 'zset', ['j:' .. job.id .. ':cut'] = 'zset' })
check_totals() check_minutes() check_events()

local unsettled = job.waiting + job.claimed
-- Leases that ran out have no deadline any more: the next claim charges them, unless their holders tell before. There
-- are no more of them than were out at once, and five hundred take four commands.
local function give_deadlines_again()
  while true do
    local tokens = redis.call('LPOP', job_key(job, ':expired'), 500)
    if not tokens then return end
    local due = {}
    for at, is_out in ipairs(redis.call('SMISMEMBER', key('expired'), unpack(tokens))) do
      if is_out == 1 then
        due[#due + 1] = whole(now())
        due[#due + 1] = tokens[at]
      end
    end
    if #due > 0 then redis.call('ZADD', key('deadlines:' .. job.host), 'NX', unpack(due)) end
    redis.call('SREM', key('expired'), unpack(tokens))
  end
end
-- What was delayed stays where it is, from where it can run again.
local function end_delays()
  count('delayed', -redis.call('ZCARD', job_key(job, ':delayed')))
  redis.call('ZREM', key('delaying'), job.id)
end
give_deadlines_again() end_delays()
add_mark(job, 'cancel')
job.cancelToken = tonumber(redis.call('HGET', key('meta'), 'token') or '0')
-- What is held now runs again if all of the job does.
if redis.call('EXISTS', job_key(job, ':held')) == 1 then redis.call('RENAME', job_key(job, ':held'), job_key(job, ':cut')) end
move(job, 'waiting', 'failed', job.waiting)
move(job, 'claimed', 'failed', job.claimed)
job.cancelled, job.cancelledBy = '1', add_request(job.cancelledBy, ARGV[2])
count_outcome(job.host, 'cancelled', unsettled)
count_minute(0, unsettled, 0)
finish(job)
flush_jobs() flush_totals() flush_minutes() flush_events() flush_writes()
wake(job.host)
return { answer_job(job), 1 }
