#!lua flags=allow-oom
-- requires: clock, keys, writes, wake, checks, totals, minutes, events, jobs, packing, marks, records, budget, leases, queue, failures, durations, completes
-- Records outcomes, each with its counters, its link and its event.
-- ARGV: requests (JSON, see `encode-settles.ts`, at most 2,000), readings (JSON), retentionMs, maxEvents, maxLinks or 0
-- Answers those that are not just recorded, each { which one, from 1, 'settled', job } when it was the last of a run of its
-- job, else { which one, why it is lost }. Of a job that can not be read nothing is known; its lease runs out.
local sent, readings = cjson.decode(ARGV[1]), readable_of(cjson.decode(ARGV[2]))
retention_ms, max_events = tonumber(ARGV[3]), tonumber(ARGV[4])
local max_links = tonumber(ARGV[5])
local MOST_TRIMMED = 10000
local ids, indexes, posts, links, hashes = {}, sent.index, sent.posts, sent.link, sent.deleteHash
-- Each token is sent as what it is more than the one before.
local tokens = sent.token
require_numbers('token', tokens, #tokens)
for at = 2, #tokens do tokens[at] = tokens[at - 1] + tokens[at] end
for at, place in ipairs(sent.place) do ids[at] = sent.jobs[place + 1] end
-- What few outcomes have.
local rest_of, NO_REST = {}, {}
for at = 1, #tokens do rest_of[at] = NO_REST end
for _, each in ipairs(sent.rest) do rest_of[each[1]] = each[2] end
do
  local LONGEST_TTL_MS = 2 ^ 53
  local function check_mark(mark)
    require_text('remember.digest', mark.digest)
    require_number('remember.ttlMs', mark.ttlMs)
    if mark.ttlMs < 1 or mark.ttlMs > LONGEST_TTL_MS then error({ err = 'ERR remember.ttlMs is no time that ends' }) end
  end
  local function check_sent()
    require_texts('job', ids, #tokens)
    require_numbers('index', indexes, #tokens)
    require_numbers('posts', posts, #tokens)
    require_texts('deleteHash', hashes, #tokens, true)
    require_texts('type', sent.types, #sent.types)
    for _, name in ipairs({ 'bytes', 'type', 'width', 'height' }) do require_numbers(name, sent[name], #tokens, true) end
    for at, rest in ipairs(rest_of) do
      if rest.failure then
        check_failures()
        require_failure(rest.failure)
      else
        require_text('link', links[at])
        require_number('bytes', sent.bytes[at])
      end
      if rest.remember then check_mark(rest.remember) end
    end
  end
  check_sent()
end
check_events()
if max_links > 0 then require_type('links', 'list') end
-- What can be recorded, the leases that are known, and the jobs of the requests that need no look at what is kept.
local readable, leases, job_of_first = {}, {}, {}
do
  -- What it takes to record requests of a job, besides what is read of it.
  local function check_job(job, requests)
    local has_failed, has_hash = false, false
    for _, at in ipairs(requests) do
      has_failed = has_failed or rest_of[at].failure ~= nil
      has_hash = has_hash or hashes[at] ~= cjson.null
    end
    require_type('j:' .. job.id .. ':held', 'zset')
    if has_failed then require_type('j:' .. job.id .. ':failed', 'list') end
    if has_hash then require_type('j:' .. job.id .. ':hashes', 'list') end
  end
  local function look_at(at)
    local status, job, lease = standing(ids[at], indexes[at], tokens[at])
    if status ~= 'held' then return end
    url_of(job, lease.index)
    check_job(job, { at })
  end
  -- Reads at once what all requests of one job need, or raises an error. Answers the job, and those of them that need no
  -- look at what is kept of their uploads.
  local function read_ahead(id, requests, leases)
    local job, of_all, others, firsts = find_job(id), {}, {}, {}
    if not job then return nil, {} end
    for place, at in ipairs(requests) do
      local index = indexes[at]
      of_all[place] = index
      if rest_of[at] == NO_REST and is_first(job, leases[at], tokens[at]) then
        firsts[#firsts + 1] = at
        require_type(hash_of_record(job, index), 'hash')
      else others[#others + 1] = index end
    end
    find_records(job, others)
    find_urls(job, of_all)
    for _, index in ipairs(of_all) do url_of(job, index) end
    check_job(job, requests)
    return job, firsts
  end
  local function requests_by_job()
    local requests_of, order = {}, {}
    for at, id in ipairs(ids) do
      local requests = requests_of[id]
      if requests then requests[#requests + 1] = at
      else
        requests_of[id] = { at }
        order[#order + 1] = id
      end
    end
    return requests_of, order
  end
  local function is_any_twice()
    local seen = {}
    for _, token in ipairs(tokens) do
      if seen[token] then return true end
      seen[token] = true
    end
    return false
  end
  -- Where something of a job is broken, each of its requests is looked at by itself.
  local function look_at_all()
    local is_read, found = pcall(find_leases, tokens, ids, indexes)
    if is_read and not is_any_twice() then leases = found end
    local requests_of, order = requests_by_job()
    for _, id in ipairs(order) do
      local is_sound, job, firsts = pcall(read_ahead, id, requests_of[id], leases)
      for _, at in ipairs(requests_of[id]) do readable[at] = is_sound or pcall(look_at, at) end
      if is_sound then
        for _, at in ipairs(firsts) do job_of_first[at] = job end
      end
    end
  end
  look_at_all()
end

-- A key of this name that somebody has broken is replaced.
local function remember(mark, link)
  replace('image:' .. mark.digest, whole(now() + mark.ttlMs) .. ' ' .. link, mark.ttlMs)
end
local function complete(job, at, record, rest)
  local index, link, hash = record.index, links[at], hashes[at]
  record.status, record.failure, record.link, record.finishedAt = COMPLETE, false, link, now()
  keep_link_base(job, link)
  append('links', link)
  if hash ~= cjson.null then append('j:' .. job.id .. ':hashes', cmsgpack.pack({ index, hash })) end
  if rest.remember then remember(rest.remember, link) end
  count_outcome(job.host, 'complete', 1)
  count('bytes', sent.bytes[at])
  count_minute(1, 0, sent.bytes[at])
  record.reused = rest.reused or false
  if record.reused then count('uploadsReused', 1) end
  if record.duplicated then
    job.duplicated = job.duplicated + 1
    count('possiblyDuplicated', 1)
  end
  tell({ type = 'upload:completed', jobId = job.id, index = index, url = url_of(job, index), link = link })
end
-- What can change of a job after a run of it is kept with the record that was the last of the run, so that a settle that
-- is sent again is answered with the job as it was then. An earlier version kept a 1, of which no job can be told.
local function keep_end(job, record)
  record.finished = { job.finishedAt - job.createdAt, job.complete, job.duplicated, paused_by(job) }
end
local answers = {}
local function answer_settled(at, job, record)
  if type(record.finished) ~= 'table' then return end
  local ms, complete, duplicated, pauses = unpack(record.finished)
  answers[#answers + 1] = { at, 'settled', {
    job.id, job.host, 'complete', job.createdAt, job.startedAt, job.createdAt + ms, job.total, 0, 0, complete,
    job.total - complete, duplicated, pauses, '', info_of(job),
  } }
end
local function known(value) return value ~= cjson.null and value end
local function settle(at, job, lease)
  local index, record, rest = lease.index, touch(job, lease.index), rest_of[at]
  close_lease(lease, posts[at])
  unrank('j:' .. job.id .. ':held', index)
  local type_at = known(sent.type[at])
  record.bytes, record.type = known(sent.bytes[at]), type_at and sent.types[type_at + 1]
  record.width, record.height = known(sent.width[at]), known(sent.height[at])
  record.duplicated = record.duplicated or rest.possiblyDuplicated or false
  move(job, 'claimed', rest.failure and 'failed' or 'complete', 1)
  if rest.failure then
    local failure = { rest.failure.code, rest.failure.message }
    fail_record(record, failure, now())
    upload_failed(job, index, failure)
  else complete(job, at, record, rest) end
  count_duration(lease, 1)
  record.settledToken, record.finished = lease.token, 0
  if finish_if_done(job) then keep_end(job, record) end
  answer_settled(at, job, record)
end

note_outlooks(readings)
local function answer(at)
  local status, job, lease, record = 'unknown', nil, nil, nil
  if readable[at] then status, job, lease, record = standing(ids[at], indexes[at], tokens[at]) end
  if status == 'held' then return settle(at, job, lease) end
  if status == 'settled' then return answer_settled(at, job, record) end
  if lease then close_cancelled(job, lease, posts[at], rest_of[at].possiblyDuplicated) end
  count('settlesLost', 1)
  answers[#answers + 1] = { at, status }
end
for at = 1, #tokens do
  local job = job_of_first[at]
  if job and job.waiting + job.claimed > 1 then complete_first(job, at, leases[at], sent) else answer(at) end
end
flush_completes()
observe(readings)
flush_records() flush_jobs() flush_totals() flush_durations(flush_minutes())
flush_writes()
flush_budget() flush_failures() flush_events()
if max_links > 0 then
  local over = math.min(redis.call('LLEN', key('links')) - max_links, #tokens + MOST_TRIMMED)
  if over > 0 then
    redis.call('LTRIM', key('links'), over, -1)
    redis.call('HINCRBY', key('meta'), 'linksDropped', over)
  end
end
if is_news() then wake('*') end
return answers
