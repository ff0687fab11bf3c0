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
  while true do
    local token = read_of(job, 'LINDEX', ':expired', 0)
    if not token then return nil end
    local lease = lease_of(tonumber(token))
    if lease and lease.expired and not is_cancelled(job, lease.token) then return lease end
    redis.call('LPOP', job_key(job, ':expired'))
  end
end
local function next_delay(job)
  local first = read_of(job, 'ZRANGE', ':delayed', 0, 0, 'WITHSCORES')
  return first[1] and tonumber(first[1]), first[2] and tonumber(first[2])
end
-- Uploads that were given back wait in `:delayed`. `delaying` has the unfinished jobs with some, by when the first may run.
local function delay(job, index, at)
  count('delayed', redis.call('ZADD', job_key(job, ':delayed'), whole(at), index))
  redis.call('ZADD', key('delaying'), 'LT', whole(at), job.id)
end
local function take_delayed(job, index)
  count('delayed', -redis.call('ZREM', job_key(job, ':delayed'), index))
  job.has_new_first = true
end
local function keep_first_delay(job)
  local _, due = next_delay(job)
  if due then redis.call('ZADD', key('delaying'), due, job.id) else redis.call('ZREM', key('delaying'), job.id) end
  job.has_new_first = false
end
local function leave_round(job)
  redis.call('ZREM', key('round:' .. job.host), job.id)
  redis.call('ZREM', key('delayed:' .. job.host), job.id)
end
-- Puts a job where it belongs after a change of it. `behind`: it has had its turn.
local function place(job, behind)
  if job.has_new_first then keep_first_delay(job) end
  if job.paused ~= '' or job.finishedAt > 0 then return leave_round(job) end
  local claimable, at = job.next < job.total or job.againFirst < job.againLast, nil
  if not claimable then
    local _, due = next_delay(job)
    claimable = first_expired(job) ~= nil or (due ~= nil and due <= now())
    at = due
  end
  if claimable then
    redis.call('ZREM', key('delayed:' .. job.host), job.id)
    if behind or not redis.call('ZSCORE', key('round:' .. job.host), job.id) then
      redis.call('ZADD', key('round:' .. job.host), redis.call('HINCRBY', key('meta'), 'turn', 1), job.id)
    end
    return true
  end
  redis.call('ZREM', key('round:' .. job.host), job.id)
  if at then redis.call('ZADD', key('delayed:' .. job.host), at, job.id)
  else redis.call('ZREM', key('delayed:' .. job.host), job.id) end
  return false
end
-- Appends a key of indexes, a list or a sorted set, to what runs again.
local function run_part_again(job, suffix)
  if redis.call('EXISTS', job_key(job, suffix)) == 0 then return end
  redis.call('RENAME', job_key(job, suffix), job_key(job, ':again:' .. whole(job.againLast)))
  job.againLast = job.againLast + 1
end
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
-- Whose turn it is in a job, the function that takes it from where it waits, and the lease that ran out if it had one.
-- What ran before goes first. Until that function is called nothing that is somebody's has changed, so that a job can be
-- found broken before; on the way are dropped leases that are nobody's any more and parts that are empty.
local function next_of(job)
  local lease = first_expired(job)
  if lease then return lease.index, function() redis.call('LPOP', job_key(job, ':expired')) end, lease end
  local delayed, due = next_delay(job)
  if delayed and due <= now() then
    return delayed, function() take_delayed(job, delayed) end
  end
  local again, is_list = first_again(job)
  if again then return again, function() drop_first_again(job, is_list) end end
  if job.next < job.total then return job.next, function() job.next = job.next + 1 end end
end
local function retention_of(job)
  return math.max(job.finishedAt + retention_ms, job.keyExpiresAt)
end
local function finish(job)
  job.finishedAt = now()
  job.forgetAt = retention_of(job)
  redis.call('ZREM', key('live'), job.id)
  redis.call('ZADD', key('expiry'), whole(job.forgetAt), job.id)
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
  redis.call('ZREM', job_key(job, ':held'), lease.index)
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
  redis.call('ZREM', key('round:' .. host), id)
  redis.call('ZADD', key('delayed:' .. host), whole(now() + ASIDE_MS), id)
end
local function is_paused(host)
  return pauses_of(host) ~= ''
end
