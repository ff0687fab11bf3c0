#!lua
-- requires: clock, keys, writes, wake, checks, totals, minutes, events, jobs, packing, marks, records, budget, leases, queue, sweep
-- Runs what has failed again: all, or what was chosen by `choose` before.
-- ARGV: job id, request id, choice or '', number of marks when it was chosen, place in `:failed` up to which it was,
-- maxEvents, maxWaiting or -1
-- Answers { job, 1 when something runs again }, nothing when it is unknown, { job, 'full', how many were to run again }
-- when too many would wait, { 'changed' } when the choice is out of date, or { 'more' } when many have failed since.
local MOST_LATE = 1000
local job = job_to_change(ARGV[1])
if not job then return false end
local request, choice = ARGV[2], ARGV[3]
max_events = tonumber(ARGV[6])
local max_waiting = tonumber(ARGV[7])
require_number('maxWaiting', max_waiting)
if was_asked(job.retriedBy, request) then return { answer_job(job), 1 } end
require_types({ meta = 'hash', leases = 'hash', live = 'zset', expiry = 'zset', trash = 'list', paused = 'set',
  ['j:' .. job.id .. ':cut'] = 'zset', ['j:' .. job.id .. ':rest'] = 'list', ['j:' .. job.id .. ':chosen'] = 'hash' })
check_totals() check_events()

local function reopen()
  job.retried, job.cancelled, job.retriedBy = '1', '', add_request(job.retriedBy, request)
  job.finishedAt, job.forgetAt = 0, 0
  redis.call('ZREM', key('expiry'), job.id)
  redis.call('ZADD', key('live'), whole(job.createdAt), job.id)
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
  if job.againFirst < job.againLast then put_in_trash(job.id, -1, job.againFirst, job.againLast) end
  job.againFirst = job.againLast
  redis.call('UNLINK', job_key(job, ':delayed'), job_key(job, ':cut'), job_key(job, ':expired'))
end
local function retry_chosen(count_chosen, late)
  if job.cancelled ~= '' then drop_backlog() end
  if #late > 0 then redis.call('RPUSH', job_key(job, ':rest'), unpack(late)) end
  redis.call('UNLINK', job_key(job, ':failed'))
  if redis.call('EXISTS', job_key(job, ':rest')) == 1 then
    redis.call('RENAME', job_key(job, ':rest'), job_key(job, ':failed'))
  end
  job.marks = job.marks + 1
  keep_choice(job, choice, count_chosen)
  run_part_again(job, ':picked')
  move(job, 'failed', 'waiting', count_chosen)
  reopen()
end

local function is_full(count)
  return max_waiting >= 0 and count_waiting() + count > max_waiting
end

if choice == '' then
  if job.failed == 0 then return { answer_job(job), 0 } end
  if is_full(job.failed) then return { answer_job(job), 'full', job.failed } end
  retry_all()
else
  local chosen = read_of(job, 'LLEN', ':picked')
  if read_of(job, 'GET', ':choice') ~= choice .. ' ' .. ARGV[5] or whole(job.marks) ~= ARGV[4] then return { 'changed' } end
  local late = {}
  if job.cancelled == '' then
    late = redis.call('LRANGE', job_key(job, ':failed'), ARGV[5], tonumber(ARGV[5]) + MOST_LATE)
  end
  if #late > MOST_LATE then return { 'more' } end
  if is_full(chosen) then return { answer_job(job), 'full', chosen } end
  redis.call('DEL', job_key(job, ':choice'))
  retry_chosen(chosen, late)
end
place(job)
tell({ type = 'job:retried', jobId = job.id, job = summary_of(job) })
flush_jobs() flush_totals() flush_events() flush_writes()
wake(job.host)
return { answer_job(job), 1 }
