-- Where a job waits for its turn. Uploads that never ran are those from the cursor `next` on; those that run again are
-- in `:expired` (tokens of leases that ran out), `:delayed` (by time) and the parts `:again:<n>`.
local MAX_EXPIRIES = 3
local POISON = { 'poison', MAX_EXPIRIES .. ' leases of this upload ran out before anything came of it' }

local function move(job, from, to, by)
  job[from] = job[from] - by
  job[to] = job[to] + by
  if from == 'waiting' or from == 'claimed' then count(from, -by) end
  if to == 'waiting' or to == 'claimed' then count(to, by) end
end
-- The oldest lease of a job that ran out and is nobody's yet. Those settled or extended since are dropped, so there are
-- no more of them than leases that were out at once.
local function first_expired(job)
  while not job.has_no_expired do
    local token = read_of(job, 'LINDEX', ':expired', 0)
    if not token then
      job.has_no_expired = true
      return nil
    end
    local lease = lease_of(tonumber(token))
    if lease and lease.expired and not is_cancelled(job, lease.token) then return lease end
    redis.call('LPOP', job_key(job, ':expired'))
  end
end
local function next_delay(job)
  job.first_delay = job.first_delay or read_of(job, 'ZRANGE', ':delayed', 0, 0, 'WITHSCORES')
  local index, due = unpack(job.first_delay)
  return index and tonumber(index), due and tonumber(due)
end
-- Uploads that were given back wait in `:delayed`. `delaying` has the unfinished jobs with some, by when the first may run.
local function delay(job, index, at)
  job.first_delay = nil
  count('delayed', redis.call('ZADD', job_key(job, ':delayed'), whole(at), index))
  redis.call('ZADD', key('delaying'), 'LT', whole(at), job.id)
end
local function take_delayed(job, index)
  job.first_delay = nil
  count('delayed', -redis.call('ZREM', job_key(job, ':delayed'), index))
  job.has_new_first = true
end
-- Jobs take turns in `round:<host>`. Those that this step has brought in are in `entered`, in their order.
local entered = {}
local function leave_round(job)
  unrank('round:' .. job.host, job.id)
  unrank('delayed:' .. job.host, job.id)
  job.is_in_round = false
end
-- Puts a job where it belongs after a change of it, and answers whether it has something to claim. `behind`: it has had
-- its turn.
local place
do
  local function keep_first_delay(job)
    local _, due = next_delay(job)
    if due then redis.call('ZADD', key('delaying'), due, job.id) else redis.call('ZREM', key('delaying'), job.id) end
    job.has_new_first = false
  end
  local function enter_round(job, behind)
    if job.is_in_round == nil then job.is_in_round = read('ZSCORE', 'round:' .. job.host, job.id) and true end
    unrank('delayed:' .. job.host, job.id)
    if job.is_in_round and not behind then return end
    meta.turn = whole(tonumber(meta.turn or '0') + 1)
    put('meta', 'turn', meta.turn)
    rank('round:' .. job.host, job.id, meta.turn)
    if not job.is_in_round then entered[#entered + 1] = job.id end
    job.is_in_round = true
  end
  place = function(job, behind)
    if job.has_new_first then keep_first_delay(job) end
    if job.paused ~= '' or job.finishedAt > 0 then return leave_round(job) end
    local claimable, due = job.next < job.total or job.againFirst < job.againLast, nil
    if not claimable then
      due = select(2, next_delay(job))
      claimable = first_expired(job) ~= nil or (due ~= nil and due <= now())
    end
    if claimable then
      enter_round(job, behind)
      return true
    end
    leave_round(job)
    if due then rank('delayed:' .. job.host, job.id, whole(due)) end
    return false
  end
end
-- Appends a key of indexes, a list or a sorted set, to what runs again.
local function run_part_again(job, suffix)
  if redis.call('EXISTS', job_key(job, suffix)) == 0 then return end
  redis.call('RENAME', job_key(job, suffix), job_key(job, ':again:' .. whole(job.againLast)))
  job.againLast = job.againLast + 1
end
-- Whose turn it is in a job, the function that takes it from where it waits, and the lease that ran out if it had one.
-- What ran before goes first; `take_next` takes what never ran. Until that function is called nothing that is somebody's
-- has changed, so that a job can be found broken before; on the way are dropped leases that are nobody's any more and
-- parts that are empty.
local next_of
local function take_next(job) job.next = job.next + 1 end
do
  local function first_again(job)
    while job.againFirst < job.againLast do
      local part = ':again:' .. whole(job.againFirst)
      local is_list = redis.call('TYPE', job_key(job, part)).ok == 'list'
      local index = is_list and read_of(job, 'LINDEX', part, 0) or not is_list and read_of(job, 'ZRANGE', part, 0, 0)[1]
      if index then return tonumber(index), is_list end
      job.againFirst = job.againFirst + 1
    end
  end
  local function drop_first_again(job, is_list)
    local where = job_key(job, ':again:' .. whole(job.againFirst))
    redis.call(is_list and 'LPOP' or 'ZPOPMIN', where)
    if redis.call('EXISTS', where) == 0 then job.againFirst = job.againFirst + 1 end
  end
  next_of = function(job)
    local lease = first_expired(job)
    if lease then return lease.index, function() redis.call('LPOP', job_key(job, ':expired')) end, lease end
    local delayed, due = next_delay(job)
    if delayed and due <= now() then
      require_type('delaying', 'zset')
      return delayed, function() take_delayed(job, delayed) end
    end
    local again, is_list = first_again(job)
    if again then return again, function() drop_first_again(job, is_list) end end
    if job.next < job.total then return job.next, take_next end
  end
end
local function retention_of(job)
  return math.max(job.finishedAt + retention_ms, job.keyExpiresAt)
end
local function finish(job)
  job.finishedAt = now()
  job.forgetAt = retention_of(job)
  unrank('live', job.id)
  rank('expiry', job.id, whole(job.forgetAt))
  count('jobsFinished', 1)
  leave_round(job)
  tell({ type = 'job:finished', jobId = job.id, job = summary_of(job) })
end
local function finish_if_done(job)
  if job.waiting + job.claimed > 0 then return false end
  finish(job)
  return true
end
-- A lease ran out and is taken over: whoever held it may have posted.
local function take_over(job, lease)
  close_lease(lease, lease.taken)
  local record = touch(job, lease.index)
  record.expiries = record.expiries + 1
  record.duplicated = true
  count('leasesExpired', 1)
  unrank('j:' .. job.id .. ':held', lease.index)
  return record
end
-- In how long a claim may find something: 0 is now, nil when nothing would happen by itself.
local function next_in(host, scope)
  local ready
  if read('ZCARD', 'round:' .. host) > 0 then ready = now()
  else
    for _, name in ipairs({ 'delayed:', 'deadlines:' }) do
      local first = read('ZRANGE', name .. host, 0, 0, 'WITHSCORES')
      if first[2] then ready = math.min(ready or math.huge, tonumber(first[2])) end
    end
  end
  if not ready then return nil end
  local _, free = allowance(scope)
  return math.max(0, math.max(ready, free) - now())
end
-- Puts a job that can not be read off for a while, after which it gets another turn.
local function put_aside(host, id)
  unrank('round:' .. host, id)
  rank('delayed:' .. host, id, whole(now() + ASIDE_MS))
end
local function is_paused(host)
  return pauses_of(host) ~= ''
end
