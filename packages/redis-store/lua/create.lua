#!lua
-- requires: clock, keys, writes, wake, checks, totals, events, jobs, sweep
-- Keeps a job and makes its uploads claimable. The URLs come with this call, or were staged before.
-- ARGV: id, host, total, info (JSON or ''), idempotency key or '', fingerprint, ttlMs, maxWaiting or -1, maxEvents,
-- '1' to only ask whether it would be accepted, then the URLs, at most 1,000; none when they were staged.
-- Answers { status, job }.
local id, host, total, info = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local idempotency, ttl_ms, max_waiting = ARGV[5], tonumber(ARGV[7]), tonumber(ARGV[8])
-- Kept in one text with what is around it, so without spaces.
local fingerprint = string.gsub(ARGV[6], '[%s%%]', function(each) return string.format('%%%02x', string.byte(each)) end)
max_events = tonumber(ARGV[9])
require_number('total', total) require_number('ttlMs', ttl_ms) require_number('maxWaiting', max_waiting)
-- More than one, so that no more is kept than was created while the oldest was.
local MOST_SWEPT = 2
require_types({ meta = 'hash', jobs = 'zset', live = 'zset', staging = 'zset', staged = 'hash', paused = 'set', hosts = 'set',
  ['idem:' .. idempotency] = 'string' })
require_host(host) check_totals() check_events()

-- What is answered to a submit that makes no new job.
local function answer_at_once()
  local known = idempotency ~= '' and redis.call('GET', key('idem:' .. idempotency))
  if known then
    local expires_at, mark, job_id = string.match(known, '^(%d+) (%S*) (.*)$')
    if tonumber(expires_at) > now() then
      if mark ~= fingerprint then return { 'conflict' } end
      local job = find_job(job_id)
      if job then return { job_id == id and 'created' or 'existing', answer_job(job) } end
    end
  end
  -- An id is that of one submit, so this one was here before and its answer was lost.
  local before = find_job(id)
  if before then return { 'created', answer_job(before) } end
  if max_waiting >= 0 and count_waiting() + total > max_waiting then return { 'full' } end
end
-- Of a large job that is refused after all nothing is kept: it was welcome when its URLs were brought.
local function drop_staged()
  if redis.call('ZREM', key('staging'), id) == 0 then return end
  redis.call('HDEL', key('staged'), id)
  for list = 0, math.floor((total - 1) / URLS_A_LIST) do redis.call('UNLINK', key('j:' .. id .. ':u:' .. list)) end
end
local at_once = answer_at_once()
if at_once then
  drop_staged()
  return at_once
end
if ARGV[10] == '1' then return { 'welcome' } end
local is_staged = #ARGV == 10
local function is_all_there()
  for list = 0, math.floor((total - 1) / URLS_A_LIST) do
    if read('LLEN', 'j:' .. id .. ':u:' .. list) == 0 then return false end
  end
  return true
end
if is_staged and not is_all_there() then return { 'unstaged' } end
local is_over = redis.call('EXISTS', key('j:' .. id)) == 1
if is_over then check_sweep() end

-- A job of this id that is over may have left some of its lists. Answers where the numbers of its parts end.
local function clear_the_place()
  local parts = 0
  if is_over then
    local old_total, first_part, last_part = facts_of(id)
    put_in_trash(id, math.ceil(old_total / 100) - 1, first_part, last_part)
    take_off_lists(id)
    parts = last_part
  end
  local keys = keys_of(id)
  if not is_staged then keys[#keys + 1] = key('j:' .. id .. ':u:0') end
  for list = 0, math.ceil(total / 100) - 1 do
    add_records(keys, id, list)
    if #keys >= URLS_A_LIST then
      redis.call('UNLINK', unpack(keys))
      keys = {}
    end
  end
  if #keys > 0 then redis.call('UNLINK', unpack(keys)) end
  return parts
end
local parts = clear_the_place()
local job = { id = id }
for _, name in ipairs(job_numbers) do job[name] = 0 end
for _, name in ipairs(job_texts) do job[name] = '' end
job.againFirst, job.againLast = parts, parts
job.host, job.total, job.waiting, job.createdAt = host, total, total, now()
job.keyExpiresAt = idempotency ~= '' and now() + ttl_ms or 0
-- Leases of a job that had this id before are none of this one.
job.tokenBefore = tonumber(redis.call('HGET', key('meta'), 'token') or '0')
job.position = redis.call('HINCRBY', key('meta'), 'position', 1)
if info ~= '' then
  job.info = '1'
  redis.call('SET', job_key(job, ':info'), info)
end
add_job(job)
if #ARGV > 10 then redis.call('RPUSH', job_key(job, ':u:0'), unpack(ARGV, 11)) end
redis.call('ZREM', key('staging'), id)
redis.call('HDEL', key('staged'), id)
if idempotency ~= '' then
  redis.call('SET', key('idem:' .. idempotency), whole(job.keyExpiresAt) .. ' ' .. fingerprint .. ' ' .. id, 'PX', whole(ttl_ms))
end
redis.call('ZADD', key('jobs'), job.position, id)
redis.call('ZADD', key('live'), whole(job.createdAt), id)
redis.call('SADD', key('hosts'), host)
count('jobsCreated', 1) count('uploadsCreated', total) count('waiting', total)
tell({ type = 'job:created', jobId = id, job = summary_of(job) })
redis.call('ZADD', key('round:' .. host), redis.call('HINCRBY', key('meta'), 'turn', 1), id)
flush_jobs() flush_totals() flush_events() flush_writes()
-- Not before the job is there: what is swept of an id leaves alone what its new job has.
if pcall(check_sweep) then sweep(MOST_SWEPT) end
wake(host)
return { 'created', answer_job(job) }
