#!lua flags=allow-oom
-- requires: clock, keys, writes, wake, checks, totals, minutes, events, jobs, packing, marks, records, budget, leases, queue, failures, durations
-- Records outcomes, each with its counters, its link and its event.
-- ARGV: requests (JSON: { jobs, requests }; a request is [place of its job from 0, index, token, posts, outcome], at most
-- 2,000), readings (JSON), retentionMs, maxEvents, maxLinks or 0
-- Answers for each request { status }, or { 'settled', job } when it was the last of a run of its job. Of a job that can
-- not be read nothing is known; its lease runs out.
local sent, readings = cjson.decode(ARGV[1]), readable_of(cjson.decode(ARGV[2]))
local requests = {}
for at, f in ipairs(sent.requests) do
  requests[at] = { job = sent.jobs[f[1] + 1], index = f[2], token = f[3], posts = f[4], outcome = f[5] }
end
retention_ms, max_events = tonumber(ARGV[3]), tonumber(ARGV[4])
local max_links = tonumber(ARGV[5])
local MOST_TRIMMED = 10000
local LONGEST_TTL_MS = 2 ^ 53
local function check_mark(mark)
  require_text('remember.digest', mark.digest)
  require_number('remember.ttlMs', mark.ttlMs)
  if mark.ttlMs < 1 or mark.ttlMs > LONGEST_TTL_MS then error({ err = 'ERR remember.ttlMs is no time that ends' }) end
end
local function check_outcome(outcome)
  if outcome.bytes ~= nil then require_number('bytes', outcome.bytes) end
  if outcome.width ~= nil then require_number('width', outcome.width) end
  if outcome.height ~= nil then require_number('height', outcome.height) end
  if outcome.type ~= nil then require_text('type', outcome.type) end
  if outcome.status == 'failed' then
    check_failures()
    return require_failure(outcome.failure)
  end
  if outcome.status ~= 'complete' then error({ err = 'ERR an outcome is neither complete nor failed' }) end
  require_text('link', outcome.link)
  require_number('bytes', outcome.bytes)
  if outcome.deleteHash ~= nil then require_text('deleteHash', outcome.deleteHash) end
  if outcome.remember ~= nil then check_mark(outcome.remember) end
end
for _, request in ipairs(requests) do
  require_lease(request)
  check_outcome(request.outcome)
end
check_events()
local function look_at(request)
  local status, job, lease = standing(request.job, request.index, request.token)
  if status ~= 'held' then return end
  url_of(job, lease.index)
  require_type('j:' .. job.id .. ':held', 'zset')
  local outcome = request.outcome
  if outcome.status == 'failed' then require_type('j:' .. job.id .. ':failed', 'list')
  elseif outcome.deleteHash then require_type('j:' .. job.id .. ':hashes', 'list') end
end
-- What all of them need is read at once; what can not be read is found again below, by the request that it belongs to.
local function read_ahead()
  local tokens, indexes = {}, {}
  for _, request in ipairs(requests) do
    tokens[#tokens + 1] = request.token
    indexes[request.job] = indexes[request.job] or {}
    table.insert(indexes[request.job], request.index)
  end
  pcall(find_leases, tokens)
  for id, of_job in pairs(indexes) do
    local is_sound, job = pcall(find_job, id)
    if is_sound and job then
      pcall(find_records, job, of_job)
      pcall(find_urls, job, of_job)
    end
  end
end
read_ahead()
local readable = {}
for at, request in ipairs(requests) do readable[at] = pcall(look_at, request) end

-- A key of this name that somebody has broken is replaced.
local function remember(mark, link)
  replace('image:' .. mark.digest, whole(now() + mark.ttlMs) .. ' ' .. link, mark.ttlMs)
end
local function complete(job, index, record, outcome)
  record.status, record.failure, record.link, record.finishedAt = COMPLETE, false, outcome.link, now()
  keep_link_base(job, outcome.link)
  append('links', outcome.link)
  if outcome.deleteHash then append('j:' .. job.id .. ':hashes', cmsgpack.pack({ index, outcome.deleteHash })) end
  if outcome.remember then remember(outcome.remember, outcome.link) end
  count_outcome(job.host, 'complete', 1)
  count('bytes', outcome.bytes)
  count_minute(1, 0, outcome.bytes)
  record.reused = outcome.reused or false
  if record.reused then count('uploadsReused', 1) end
  if record.duplicated then
    job.duplicated = job.duplicated + 1
    count('possiblyDuplicated', 1)
  end
  tell({ type = 'upload:completed', jobId = job.id, index = index, url = url_of(job, index), link = outcome.link })
end
-- What can change of a job after a run of it is kept with the record that was the last of the run, so that a settle that
-- is sent again is answered with the job as it was then. An earlier version kept a 1, of which no job can be told.
local function keep_end(job, record)
  record.finished = { job.finishedAt - job.createdAt, job.complete, job.duplicated, paused_by(job) }
end
local function answer_settled(job, record)
  if type(record.finished) ~= 'table' then return { 'settled' } end
  local ms, complete, duplicated, pauses = unpack(record.finished)
  return { 'settled', {
    job.id, job.host, 'complete', job.createdAt, job.startedAt, job.createdAt + ms, job.total, 0, 0, complete,
    job.total - complete, duplicated, pauses, '', info_of(job),
  } }
end
local function settle(job, lease, outcome)
  local index, record = lease.index, touch(job, lease.index)
  unrank('j:' .. job.id .. ':held', index)
  record.bytes, record.type = outcome.bytes or false, outcome.type or false
  record.width, record.height = outcome.width or false, outcome.height or false
  record.duplicated = record.duplicated or outcome.possiblyDuplicated or false
  move(job, 'claimed', outcome.status, 1)
  if outcome.status == 'complete' then complete(job, index, record, outcome)
  else
    local failure = { outcome.failure.code, outcome.failure.message }
    fail_record(record, failure, now())
    upload_failed(job, index, failure)
  end
  count_duration(lease)
  record.settledToken, record.finished = lease.token, 0
  if finish_if_done(job) then keep_end(job, record) end
  return answer_settled(job, record)
end

note_outlooks(readings)
local answers = {}
for at, request in ipairs(requests) do
  local status, job, lease, record = 'unknown', nil, nil, nil
  if readable[at] then status, job, lease, record = standing(request.job, request.index, request.token) end
  if status == 'held' then
    close_lease(lease, request.posts)
    answers[at] = settle(job, lease, request.outcome)
  elseif status == 'settled' then answers[at] = answer_settled(job, record)
  else
    if lease then close_cancelled(job, lease, request.posts, request.outcome.possiblyDuplicated) end
    count('settlesLost', 1)
    answers[at] = { status }
  end
end
observe(readings)
flush_records() flush_jobs() flush_totals() flush_durations(flush_minutes())
flush_writes()
flush_budget() flush_failures() flush_events()
if max_links > 0 then
  local over = math.min(redis.call('LLEN', key('links')) - max_links, #requests + MOST_TRIMMED)
  if over > 0 then
    redis.call('LTRIM', key('links'), over, -1)
    redis.call('HINCRBY', key('meta'), 'linksDropped', over)
  end
end
if is_news() then wake('*') end
return answers
