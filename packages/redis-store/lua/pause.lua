#!lua flags=allow-oom
-- requires: clock, keys, writes, wake, checks, totals, minutes, events, jobs, packing, marks, records, budget, leases, queue
-- Pauses or resumes a job, a host or the whole queue.
-- ARGV: 'job', 'host' or 'queue', its id or name, '1' or '', request id, maxEvents
-- Answers { 1 when this has changed something, the job if it is one }, or nothing when there is no such job.
local STEERED_KEPT = 100
local kind, name, paused, request = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
max_events = tonumber(ARGV[5])
local job = kind == 'job' and job_to_change(name)
if kind == 'job' and not job then return false end
require_types({ paused = 'set', leases = 'hash', meta = 'hash' })
check_events()
-- One that is sent again after a lost reply leaves alone what others have done since. One that has changed nothing is not
-- kept: sent again it is as if it came only then.
local function was_carried_out()
  if job then return was_asked(job.pauseRequests, request) end
  return read('LPOS', 'steered', request) ~= false
end
if was_carried_out() then return { 1, job and answer_job(job) } end

local function set_job()
  if job.paused == paused then return false end
  job.paused, job.pauseRequests = paused, add_request(job.pauseRequests, request)
  place(job)
  tell({ type = paused == '1' and 'job:paused' or 'job:resumed', jobId = job.id, job = summary_of(job) })
  return true
end
local function set_outside_jobs(what, told)
  if redis.call(paused == '1' and 'SADD' or 'SREM', key('paused'), what) == 0 then return false end
  redis.call('RPUSH', key('steered'), request)
  redis.call('LTRIM', key('steered'), -STEERED_KEPT, -1)
  tell(told)
  return true
end
local function set_host()
  return set_outside_jobs('host:' .. name, paused == '1'
    and { type = 'host:paused', host = name, reason = 'operator', forMs = cjson.null } or { type = 'host:resumed', host = name })
end
local function set_queue()
  return set_outside_jobs('queue', { type = paused == '1' and 'queue:paused' or 'queue:resumed' })
end
local change = { job = set_job, host = set_host, queue = set_queue }
if not change[kind]() then return { 0, job and answer_job(job) } end
flush_jobs() flush_events() flush_writes()
wake('*')
return { 1, job and answer_job(job) }
