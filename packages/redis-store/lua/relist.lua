#!lua flags=allow-oom
-- requires: clock, keys, writes, totals, jobs, packing, marks, records, budget, leases, sweep
-- Brings keys of an earlier schema to this one, some jobs at a time. Answers 1 when all are, 0 when there are more.
--
-- Schema 2 has lists of jobs by what they are to be found by, counts what is delayed, and knows which leases ran out. All
-- of that follows from jobs and leases. Schema 3 has the records of uploads in hashes, where they were in lists. The schema
-- is raised first: a process that knows no more than the one before is refused every step from then on, so it changes
-- nothing that has been looked at. `relisted` in `meta` is the position of the job that was looked at last, for as long as
-- there are more, and `rehashed` how many lists of the next one are hashes already. Whoever starts meanwhile goes on from
-- there.
local JOBS_A_STEP, LISTS_A_STEP = 500, 200
local known = read('HMGET', 'meta', 'schema', 'relisted', 'rehashed')
local relisted, rehashed = known[2], tonumber(known[3] or '0')
if tonumber(known[1] or '0') == SCHEMA and not relisted then return 1 end
local found = read('ZRANGE', 'jobs', '(' .. (relisted or '0'), '+inf', 'BYSCORE', 'LIMIT', 0, JOBS_A_STEP, 'WITHSCORES')
require_types({ meta = 'hash', leases = 'hash' })
check_totals()
if not relisted then
  for _, name in ipairs({ 'pending', 'in-progress', 'failing', 'paused-jobs', 'delaying', 'expired', 'hosts' }) do
    redis.call('UNLINK', key(name))
  end
  redis.call('HDEL', key('totals'), 'delayed')
  redis.call('HSET', key('meta'), 'schema', SCHEMA)
end

local lists_left = LISTS_A_STEP
local function rehash(where)
  if redis.call('TYPE', where).ok ~= 'list' then return end
  local records = redis.call('LRANGE', where, 0, -1)
  redis.call('UNLINK', where)
  for at, packed in ipairs(records) do
    if packed ~= '' then redis.call('HSET', where, at - 1, packed) end
  end
end
-- Answers whether all lists of a job are hashes by now.
local function rehash_job(id)
  local lists = math.ceil(facts_of(id) / RECORDS_A_HASH)
  while rehashed < lists and lists_left > 0 do
    rehash(key('j:' .. id .. ':r:' .. rehashed))
    rehashed, lists_left = rehashed + 1, lists_left - 1
  end
  return rehashed >= lists
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
local is_all = #found < 2 * JOBS_A_STEP
for at = 1, #found, 2 do
  local is_sound, is_whole = pcall(rehash_job, found[at])
  if is_sound and not is_whole then
    is_all = false
    break
  end
  local caught
  if is_sound then is_sound, caught = pcall(relist, found[at]) else caught = is_whole end
  if not is_sound then reason_of(caught) end
  relisted, rehashed = found[at + 1], 0
end
flush_totals() flush_writes()
if is_all then
  redis.call('HDEL', key('meta'), 'relisted', 'rehashed')
  return 1
end
redis.call('HSET', key('meta'), 'relisted', relisted or '0', 'rehashed', rehashed)
return 0
