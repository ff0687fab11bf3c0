#!lua flags=no-writes
-- requires: clock, keys, writes, checks, totals, minutes, events, jobs, packing, marks, records, budget, leases, queue
-- Looks whether all that is kept of one job agrees. ARGV: job id. Answers { waiting, claimed, delayed, sentences }: of a job
-- with a broken key what it says itself, or -1 when it or its delays can not be read.
local said, places, marked = {}, {}, {}
local function say(...) if #said < 20 then said[#said + 1] = table.concat({ ... }, ' ') end end
local function is_sound(look, ...)
  local sound, found = pcall(look, ...)
  if not sound then say(reason_of(found)) end
  return sound, found
end

local is_read, job = is_sound(read_job, ARGV[1])
if not is_read then return { -1, -1, -1, said } end
if not job then return { 0, 0, 0, { 'it is listed and has no record' } } end
local function look_at_keys()
  local wanted = { [':info'] = 'string', [':cut'] = 'zset', [':chosen'] = 'hash', [':picked'] = 'list',
    [':rest'] = 'list', [':choice'] = 'string' }
  for suffix, each in pairs(job_lists) do wanted[suffix] = each end
  for hash = 0, math.ceil(job.total / RECORDS_A_HASH) - 1 do wanted[':r:' .. hash] = 'hash' end
  for list = 0, math.ceil(job.total / URLS_A_LIST) - 1 do wanted[':u:' .. list] = 'list' end
  for suffix, each in pairs(wanted) do is_sound(require_type, 'j:' .. job.id .. suffix, each) end
  for part = job.againFirst, job.againLast - 1 do
    local suffix = 'j:' .. job.id .. ':again:' .. whole(part)
    if redis.call('TYPE', key(suffix)).ok ~= 'list' then is_sound(require_type, suffix, 'zset') end
  end
  is_sound(require_host, job.host)
  for _, suffix in ipairs({ 'live', 'expiry' }) do is_sound(require_type, suffix, 'zset') end
  is_sound(require_types, { leases = 'hash', meta = 'hash' })
end
look_at_keys()
if #said > 0 then
  table.sort(said)
  return { job.waiting, job.claimed, -1, said }
end
local function put(index, place)
  index = tonumber(index)
  if index < 0 or index >= job.total then say('upload', index, 'is in', place, 'and there is no such upload') end
  places[index] = (places[index] and places[index] .. '+' or '') .. place
end
for index = job.next, job.total - 1 do put(index, 'next') end
for _, index in ipairs(redis.call('ZRANGE', job_key(job, ':delayed'), 0, -1)) do put(index, 'delayed') end
for part = job.againFirst, job.againLast - 1 do
  local where = job_key(job, ':again:' .. whole(part))
  local is_list = redis.call('TYPE', where).ok == 'list'
  for _, index in ipairs(redis.call(is_list and 'LRANGE' or 'ZRANGE', where, 0, -1)) do put(index, 'again') end
end
local held = redis.call('ZRANGE', job_key(job, ':held'), 0, -1, 'WITHSCORES')
for at = 1, #held, 2 do
  put(held[at], 'held')
  marked[tonumber(held[at])] = tonumber(held[at + 1])
end
for _, suffix in ipairs({ ':failed', ':cut' }) do
  local command = suffix == ':failed' and 'LRANGE' or 'ZRANGE'
  for _, index in ipairs(redis.call(command, job_key(job, suffix), 0, -1)) do put(index, 'failed') end
end

local counts = { waiting = 0, claimed = 0, complete = 0, failed = 0, duplicated = 0 }
local WHERE = { waiting = { next = true, delayed = true, again = true }, claimed = { held = true }, complete = {},
  failed = { failed = true } }
local function check(index)
  local record = record_of(job, index)
  local status, place = STATUS_NAMES[record.status], places[index]
  counts[status] = counts[status] + 1
  if status == 'complete' and record.duplicated then counts.duplicated = counts.duplicated + 1 end
  -- What a cancel has ended stays where it waited, from where it can run again.
  local fits = WHERE[status][place] or (status == 'complete' and place == nil)
    or (job.cancelled ~= '' and status == 'failed' and (WHERE.waiting[place] or place == nil))
  if not fits then say('upload', index, 'is', status, 'and in', place or 'no place') end
  if record.attempts < record.attemptsBefore + (status == 'claimed' and 1 or 0) then
    say('upload', index, 'counts', record.attempts, 'attempts, and', record.attemptsBefore, 'before its last retry')
  end
  if status == 'claimed' then
    local lease = lease_of(record.token)
    if marked[index] ~= record.token or not lease then say('upload', index, 'is claimed and nobody has its lease')
    elseif lease.expired ~= (redis.call('SISMEMBER', key('expired'), whole(record.token)) == 1) then
      say('the lease of upload', index, 'is wrongly among those that ran out, or missing')
    elseif not lease.expired and not redis.call('ZSCORE', key('deadlines:' .. job.host), whole(record.token)) then
      say('the lease of upload', index, 'never ends')
    end
  end
end
for index = 0, job.total - 1 do check(index) end
for name, counted in pairs(counts) do
  if job[name] ~= counted then say('it counts', job[name], name, 'and its records say', counted) end
end
local finished = counts.waiting + counts.claimed == 0
if finished ~= (job.finishedAt > 0) then say('it is', finished and 'done and not finished' or 'finished and not done') end
local function is_among(name) return redis.call('ZSCORE', key(name), job.id) and true or false end
if is_among('live') == finished then say('it is wrongly among the live jobs, or missing') end
if is_among('expiry') ~= finished then say('it is wrongly among the finished jobs, or missing') end
-- By its records: a counter that is off has been told of.
job.failed = counts.failed
for name, is_in in pairs(lists_of(job)) do
  local is_listed = is_among(name)
  if is_listed and not is_in then say('it is wrongly in', name) end
  if is_in and not is_listed then say('it is missing in', name) end
end
local delayed = finished and 0 or redis.call('ZCARD', job_key(job, ':delayed'))
local _, first_due = next_delay(job)
local kept_due = tonumber(redis.call('ZSCORE', key('delaying'), job.id) or nil)
if kept_due ~= (delayed > 0 and first_due or nil) then say('its first delayed upload is kept with another time, or missing') end
local turn = redis.call('ZSCORE', key('round:' .. job.host), job.id) or redis.call('ZSCORE', key('delayed:' .. job.host), job.id)
if not turn and job.paused == '' and job.waiting > 0 and not finished then say('it waits and has no turn') end
return { counts.waiting, counts.claimed, delayed, said }
