#!lua
-- requires: clock, keys, totals, minutes, events, jobs, records, budget, leases, queue
-- Runs what has failed again: all, or what was chosen by `choose` before.
-- ARGV: job id, request id, choice or '', number of marks when it was chosen, length of `:failed` then
-- Answers the job, nothing when it is unknown, or 'changed' when the choice is out of date.
local job = find_job(ARGV[1])
if not job then return false end
local request, choice = ARGV[2], ARGV[3]
if job.retriedBy == request then return answer_job(job) end
check_totals()

local function reopen()
  job.retried, job.cancelled, job.cancelledBy, job.retriedBy = '1', '', '', request
  job.finishedAt, job.forgetAt = 0, 0
  redis.call('ZREM', key('expiry'), job.id)
  redis.call('ZADD', key('live'), whole(job.createdAt), job.id)
  if redis.call('EXISTS', job_key(job, ':delayed')) == 1 then redis.call('SADD', key('delaying'), job.id) end
end
local function retry_all()
  move(job, 'failed', 'waiting', job.failed)
  local cancelled = job.cancelled ~= ''
  add_mark(job, 'retry')
  if cancelled then run_part_again(job, ':delayed') end
  run_part_again(job, ':failed')
  run_part_again(job, ':cut')
  reopen()
end
-- In a cancelled job nothing but what was chosen can be claimed from now on.
local function drop_backlog()
  job.next = job.total
  for part = job.againFirst, job.againLast do redis.call('UNLINK', job_key(job, ':again:' .. whole(part))) end
  redis.call('UNLINK', job_key(job, ':delayed'), job_key(job, ':cut'), job_key(job, ':expired'))
end
local function retry_chosen(count_chosen)
  local late = redis.call('LRANGE', job_key(job, ':failed'), tonumber(ARGV[5]), -1)
  if job.cancelled ~= '' then
    drop_backlog()
    late = {}
  end
  redis.call('DEL', job_key(job, ':failed'))
  if redis.call('EXISTS', job_key(job, ':rest')) == 1 then
    redis.call('RENAME', job_key(job, ':rest'), job_key(job, ':failed'))
  end
  for _, index in ipairs(late) do redis.call('RPUSH', job_key(job, ':failed'), index) end
  job.marks = job.marks + 1
  redis.call('HSET', job_key(job, ':chosen'), choice, job.marks)
  run_part_again(job, ':picked')
  move(job, 'failed', 'waiting', count_chosen)
  reopen()
end

if choice == '' then
  if job.failed == 0 then return answer_job(job) end
  retry_all()
else
  local chosen = redis.call('LLEN', job_key(job, ':picked'))
  if redis.call('GET', job_key(job, ':choice')) ~= choice or whole(job.marks) ~= ARGV[4] then return { 'changed' } end
  redis.call('DEL', job_key(job, ':choice'))
  if chosen == 0 then return answer_job(job) end
  retry_chosen(chosen)
end
place(job)
flush_jobs() flush_totals()
wake(job.host)
return answer_job(job)
