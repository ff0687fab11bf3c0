#!lua
-- requires: clock, keys, totals, minutes, events, jobs, records, budget, leases, queue, sweep
-- Takes uploads that may run now.
-- ARGV: host, limit, leaseMs, scope (JSON), request slot, request number, retentionMs, maxEvents
-- Answers: leases, each { jobId, index, url, attempt, expiries, token, jobStarted, info }; when to look again in ms or
-- -1; ended uploads, each { jobId, index, url, attempt, code, message, jobFinished }.
local host, limit, lease_ms, scope = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), cjson.decode(ARGV[4])
local slot, number = 'claims:' .. ARGV[5], ARGV[6]
retention_ms, max_events = tonumber(ARGV[7]), tonumber(ARGV[8])
local TURN, DUE_LIMIT, ANSWER_KEPT_MS = 16, 100, 600000

local function describe(job, lease)
  local record = record_of(job, lease.index)
  return { job.id, lease.index, url_of(job, lease.index), record.attempts, record.expiries, lease.token,
    lease.started and 1 or 0, info_of(job) }
end
-- The answer of this request was lost: it is given again, for what is still held of it.
local function answer_again(known)
  local answer, renewed = {}, {}
  for token = known[2], known[3] do
    local lease = lease_of(token)
    local job = lease and find_job(lease.jobId)
    if job and not lease.expired and not is_cancelled(job, token) then
      answer[#answer + 1] = describe(job, lease)
      redis.call('ZADD', key('deadlines:' .. host), whole(now() + lease_ms), whole(token))
    end
  end
  return { answer, 1, known[4] }
end
local function end_poisoned(job, lease)
  local record = take_over(job, lease)
  record.token = redis.call('HINCRBY', key('meta'), 'token', 1)
  record.settledToken, record.finished = 0, 0
  fail_record(record, POISON, now())
  move(job, 'claimed', 'failed', 1)
  upload_failed(job, lease.index, POISON)
  local finished = finish_if_done(job)
  if not finished then place(job) end
  return { job.id, lease.index, url_of(job, lease.index), record.attempts, POISON[1], POISON[2], finished and 1 or 0 }
end
local function sort_expired()
  local ended = {}
  local due = redis.call('ZRANGEBYSCORE', key('deadlines:' .. host), '-inf', now(), 'LIMIT', 0, DUE_LIMIT)
  for _, token in ipairs(due) do
    redis.call('ZREM', key('deadlines:' .. host), token)
    local lease = lease_of(tonumber(token))
    local job = lease and find_job(lease.jobId)
    if lease and (not job or is_cancelled(job, lease.token)) then close_cancelled(job, lease, lease.taken, true)
    elseif lease and record_of(job, lease.index).expiries + 1 >= MAX_EXPIRIES then
      ended[#ended + 1] = end_poisoned(job, lease)
    elseif lease then
      lease.expired = true
      save_lease(lease)
      redis.call('RPUSH', job_key(job, ':expired'), token)
      place(job)
    end
  end
  return ended
end
local function place_delayed()
  local due = redis.call('ZRANGEBYSCORE', key('delayed:' .. host), '-inf', now(), 'LIMIT', 0, DUE_LIMIT)
  for _, id in ipairs(due) do
    local job = find_job(id)
    if job then place(job) else redis.call('ZREM', key('delayed:' .. host), id) end
  end
end
local function lend(job, index, token)
  local record = touch(job, index)
  if record.status == WAITING then move(job, 'waiting', 'claimed', 1) end
  record.status, record.token, record.attempts = CLAIMED, token, record.attempts + 1
  if record.startedAt == 0 then record.startedAt = now() end
  local lease = { token = token, jobId = job.id, index = index, host = host, scope = scope, taken = 1,
    expired = false, started = job.startedAt == 0, charge = '' }
  save_lease(lease)
  take_budget(scope, token)
  redis.call('ZADD', key('deadlines:' .. host), whole(now() + lease_ms), whole(token))
  redis.call('ZADD', job_key(job, ':held'), token, index)
  if lease.started then
    job.startedAt = now()
    tell({ type = 'job:started', jobId = job.id })
  end
  return describe(job, lease)
end
local function take_turn(job, wanted)
  local leases = {}
  while #leases < wanted do
    local index, expired = take_next(job)
    if not index then break end
    if expired then take_over(job, expired) end
    leases[#leases + 1] = lend(job, index, redis.call('HINCRBY', key('meta'), 'token', 1))
  end
  place(job, true)
  return leases
end

if is_paused(host) then return { {}, -1, {} } end
for suffix, wanted in pairs({ meta = 'hash', leases = 'hash', live = 'zset', expiry = 'zset', delaying = 'set',
  ['round:' .. host] = 'zset', ['delayed:' .. host] = 'zset', ['deadlines:' .. host] = 'zset', [slot] = 'string' }) do
  require_type(suffix, wanted)
end
check_totals() check_minutes() check_events()
local known = redis.call('GET', key(slot))
known = known and cmsgpack.unpack(known)
if known and known[1] == number then return answer_again(known) end
sweep()
local ended = sort_expired()
place_delayed()
tell_pause(scope, host)
local allowed = allowance(scope)
limit = math.min(limit, allowed or limit)
local leases = {}
while #leases < limit do
  local id = redis.call('ZRANGE', key('round:' .. host), 0, 0)[1]
  if not id then break end
  local job = find_job(id)
  if not job then redis.call('ZREM', key('round:' .. host), id)
  else for _, lease in ipairs(take_turn(job, math.min(TURN, limit - #leases))) do leases[#leases + 1] = lease end end
end
if #leases > 0 or #ended > 0 then
  local first, last = leases[1] and leases[1][6] or 1, leases[1] and leases[#leases][6] or 0
  redis.call('SET', key(slot), cmsgpack.pack({ number, first, last, ended }), 'PX', ANSWER_KEPT_MS)
end
local wait_ms = next_in(host, scope)
flush_records() flush_jobs() flush_budget() flush_totals() flush_minutes() flush_events()
return { leases, wait_ms and math.max(1, math.ceil(wait_ms)) or -1, ended }
