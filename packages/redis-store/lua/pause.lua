#!lua flags=allow-oom
-- requires: clock, keys, wake, checks, totals, minutes, events, jobs, packing, marks, records, budget, leases, queue
-- Pauses or resumes a job, a host or the whole queue.
-- ARGV: 'job', 'host' or 'queue', its id or name, '1' or '', request id, maxEvents
-- Answers { 1 when this has changed something, the job if it is one }, or nothing when there is no such job.
local ANSWER_KEPT_MS = 600000
local kind, name, paused, request = ARGV[1], ARGV[2], ARGV[3], 'pause:' .. ARGV[4]
max_events = tonumber(ARGV[5])
local job = kind == 'job' and job_to_change(name)
if kind == 'job' and not job then return false end
require_types({ paused = 'set', leases = 'hash', meta = 'hash' })
check_events()
-- One that is sent again after a lost reply leaves alone what others have done since.
local known = read('GET', request)
if known then return { tonumber(known), job and answer_job(job) } end

local function set_job()
  if job.paused == paused then return false end
  job.paused = paused
  place(job)
  tell({ type = paused == '1' and 'job:paused' or 'job:resumed', jobId = job.id, job = summary_of(job) })
  return true
end
local function set_host()
  if redis.call(paused == '1' and 'SADD' or 'SREM', key('paused'), 'host:' .. name) == 0 then return false end
  tell(paused == '1' and { type = 'host:paused', host = name, reason = 'operator', forMs = cjson.null }
    or { type = 'host:resumed', host = name })
  return true
end
local function set_queue()
  if redis.call(paused == '1' and 'SADD' or 'SREM', key('paused'), 'queue') == 0 then return false end
  tell({ type = paused == '1' and 'queue:paused' or 'queue:resumed' })
  return true
end
local change = { job = set_job, host = set_host, queue = set_queue }
local changed = change[kind]() and 1 or 0
redis.call('SET', key(request), changed, 'PX', ANSWER_KEPT_MS)
flush_jobs() flush_events()
if changed == 1 then wake('*') end
return { changed, job and answer_job(job) }
