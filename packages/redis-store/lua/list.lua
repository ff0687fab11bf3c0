#!lua flags=no-writes
-- requires: clock, keys, writes, jobs
-- Jobs, newest first. ARGV: position before which to begin or '', how many at most, and which: a status or '', '1' or ''
-- for those that have failed uploads, the same for those that are paused, created from and created before, in ms or ''
-- Answers { last position given out, jobs, each { position, job }, position before which to go on, -1 at the end }. A job
-- that can not be read is passed over.
local MOST_OVER, MOST_LOOKS = 100, 500
-- A job with its pauses can not be read without it, and none may be passed over for that.
require_type('paused', 'set')
local position, wanted, status, failed, paused = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4] == '1', ARGV[5] == '1'
local from, before = tonumber(ARGV[6]), tonumber(ARGV[7])
local last = tonumber(read('HGET', 'meta', 'position') or '0')
if position ~= '' and tonumber(position) > last + 1 then return false end
local has_filter = status ~= '' or failed or paused or from or before

-- The shortest list that has all that are to be found.
local function where_to_look()
  local where, shortest = 'jobs', math.huge
  local lists = {
    failing = failed, ['paused-jobs'] = paused, pending = status == 'pending', ['in-progress'] = status == 'in-progress',
  }
  for name, has_them in pairs(lists) do
    local length = has_them and read('ZCARD', name) or math.huge
    if length < shortest then where, shortest = name, length end
  end
  return where
end
local where = where_to_look()

-- The position before which jobs were created before a time, as a bound for ZRANGE: what is created later is further on.
-- One that can not be read counts as created before, which has some looked at in vain and none left out.
local function bound_of(time)
  local bound = position == '' and '+inf' or '(' .. position
  local function is_before(rank)
    local id = read('ZRANGE', where, rank, rank)[1]
    local is_read, created = pcall(read, 'HGET', 'j:' .. id, 'createdAt')
    return (is_read and tonumber(created or '0') or 0) < time
  end
  local low, high = 0, read('ZCOUNT', where, '-inf', bound)
  if high == 0 or is_before(high - 1) then return bound end
  while low < high do
    local middle = math.floor((low + high) / 2)
    if is_before(middle) then low = middle + 1 else high = middle end
  end
  return '(' .. read('ZRANGE', where, low, low, 'WITHSCORES')[2]
end

local function facts_of(id)
  local facts = read('HMGET', 'j:' .. id, 'createdAt', 'startedAt', 'finishedAt', 'retried', 'failed', 'paused')
  return {
    createdAt = tonumber(facts[1] or ''), startedAt = tonumber(facts[2] or '0'), finishedAt = tonumber(facts[3] or '0'),
    retried = facts[4] or '', failed = tonumber(facts[5] or '0'), paused = facts[6] or '',
  }
end
local function matches(job)
  if status ~= '' and status_of(job) ~= status then return false end
  local lists = lists_of(job)
  if failed and not lists.failing or paused and not lists['paused-jobs'] then return false end
  return not before or job.createdAt < before
end
local function answer_of(id)
  local job = find_job(id)
  return job and { job.position, answer_job(job) }
end
-- The job as it is answered if it is one of those, and whether it is too old, and so all that follow.
local function look_at(id)
  if not has_filter then return answer_of(id) end
  local facts = facts_of(id)
  if not facts.createdAt then return nil end
  if from and facts.createdAt < from then return nil, true end
  return matches(facts) and answer_of(id)
end

local looks = has_filter and MOST_LOOKS or wanted + MOST_OVER
local bound = before and bound_of(before) or (position == '' and '+inf' or '(' .. position)
local found = read('ZRANGE', where, bound, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, looks, 'WITHSCORES')
local jobs, looked = {}, 0
while looked < #found and #jobs < wanted do
  local sound, job, is_too_old = pcall(look_at, found[looked + 1])
  if sound and is_too_old then return { last, jobs, -1 } end
  if sound and job then jobs[#jobs + 1] = job end
  looked = looked + 2
end
local has_more = looked < #found or looked == 2 * looks
return { last, jobs, has_more and tonumber(found[looked]) or -1 }
