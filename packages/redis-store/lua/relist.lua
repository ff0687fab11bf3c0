#!lua flags=allow-oom
-- requires: clock, keys, totals, jobs, packing, marks, records, budget, leases
-- Brings keys of schema 1 to schema 2, some jobs at a time. Answers 1 when all are, 0 when there are more.
--
-- Schema 2 has lists of jobs by what they are to be found by, counts what is delayed, and knows which leases ran out. All
-- of that follows from jobs and leases. The schema is raised first: a process that knows no more than 1 is refused every
-- step from then on, so it changes nothing that has been looked at. `relisted` in `meta` is the position of the job that
-- was looked at last, for as long as there are more. Whoever starts meanwhile goes on from there.
local JOBS_A_STEP = 500
local meta = read('HMGET', 'meta', 'schema', 'relisted')
if tonumber(meta[1] or '0') == SCHEMA and not meta[2] then return 1 end
local found = read('ZRANGE', 'jobs', '(' .. (meta[2] or '0'), '+inf', 'BYSCORE', 'LIMIT', 0, JOBS_A_STEP, 'WITHSCORES')
require_types({ meta = 'hash', leases = 'hash' })
check_totals()
if not meta[2] then
  for _, name in ipairs({ 'pending', 'in-progress', 'failing', 'paused-jobs', 'delaying', 'expired', 'hosts' }) do
    redis.call('UNLINK', key(name))
  end
  redis.call('HDEL', key('totals'), 'delayed')
  redis.call('HSET', key('meta'), 'schema', SCHEMA)
end

local function leases_that_ran_out(job)
  local tokens = {}
  for _, token in ipairs(read_of(job, 'LRANGE', ':expired', 0, -1)) do
    local lease = lease_of(tonumber(token))
    if lease and lease.expired then tokens[#tokens + 1] = token end
  end
  return tokens
end
-- Reads all that it needs before it writes: a job that can not be read is in no list until it is repaired.
local function relist(id)
  local job = find_job(id)
  if not job then return end
  local first, delayed, expired = {}, 0, {}
  if job.finishedAt == 0 then
    first = read_of(job, 'ZRANGE', ':delayed', 0, 0, 'WITHSCORES')
    delayed, expired = read_of(job, 'ZCARD', ':delayed'), leases_that_ran_out(job)
  end
  for name, is_in in pairs(lists_of(job)) do
    if is_in then redis.call('ZADD', key(name), whole(job.position), id) end
  end
  redis.call('SADD', key('hosts'), job.host)
  if first[2] then redis.call('ZADD', key('delaying'), first[2], id) end
  for _, token in ipairs(expired) do redis.call('SADD', key('expired'), token) end
  count('delayed', delayed)
end
for at = 1, #found, 2 do
  local is_sound, caught = pcall(relist, found[at])
  if not is_sound then reason_of(caught) end
end
flush_totals()
if #found < 2 * JOBS_A_STEP then
  redis.call('HDEL', key('meta'), 'relisted')
  return 1
end
redis.call('HSET', key('meta'), 'relisted', found[#found])
return 0
