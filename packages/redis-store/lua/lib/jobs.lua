-- Jobs: a hash each, read once in a step and written back once at its end.
local job_cache, job_order = {}, {}
local job_numbers = {
  'total', 'createdAt', 'startedAt', 'finishedAt', 'forgetAt', 'keyExpiresAt', 'waiting', 'claimed', 'complete',
  'failed', 'duplicated', 'next', 'againFirst', 'againLast', 'position', 'tokenBefore', 'cancelToken',
  'marks', 'lastRetry', 'lastCancel', 'retryBeforeCancel', 'cancelBeforeRetry',
}
local job_texts = {
  'host', 'paused', 'cancelled', 'retried', 'pauseRequests', 'cancelledBy', 'retriedBy', 'info', 'cancels', 'linkBase',
}
-- What steps that change a job write besides its hash. Lists that they read first are not here: reading tells.
local job_lists = {
  [':failed'] = 'list', [':expired'] = 'list', [':hashes'] = 'list', [':delayed'] = 'zset', [':held'] = 'zset',
}

local function job_key(job, suffix)
  return key('j:' .. job.id .. suffix)
end
local function read_of(job, command, suffix, ...)
  return read(command, 'j:' .. job.id .. suffix, ...)
end

-- A field that the hash lacks is 0 or an empty text. Every job has a total; a hash without one is something else.
local blank_job = {}
for _, name in ipairs(job_numbers) do blank_job[name] = 0 end
for _, name in ipairs(job_texts) do blank_job[name] = '' end
local job_fields = { __index = blank_job }
local function read_job(id)
  local fields = read('HGETALL', 'j:' .. id)
  local job, stored = { id = id }, {}
  for at = 1, #fields, 2 do
    local name, value = fields[at], fields[at + 1]
    local blank = blank_job[name]
    if blank == 0 then value = tonumber(value) or error({ err = 'ERR ' .. key('j:' .. id) .. ' has no number in ' .. name }) end
    if blank then job[name], stored[name] = value, value end
  end
  if not stored.total then return nil end
  job.stored = stored
  return setmetatable(job, job_fields)
end

-- A job that is known at this time, nil otherwise. An id with a colon would reach what another job has besides its hash.
local function find_job(id)
  local job = job_cache[id]
  if job == nil then
    if string.find(id, ':', 1, true) then return nil end
    job = read_job(id) or false
    if job then job_order[#job_order + 1] = job end
    job_cache[id] = job
  end
  if job and job.finishedAt > 0 and job.forgetAt <= now() then return nil end
  return job or nil
end

-- The keys that say what of a host is next, and those that say which jobs are to be found by what.
local function require_host(host)
  require_types({ ['round:' .. host] = 'zset', ['delayed:' .. host] = 'zset', ['deadlines:' .. host] = 'zset',
    expired = 'set', delaying = 'zset', pending = 'zset', ['in-progress'] = 'zset', failing = 'zset', ['paused-jobs'] = 'zset' })
end
-- A job for a step that will change it: raises an error when a key of it is broken.
local function job_to_change(id)
  local job = find_job(id)
  if not job or job.is_sound then return job end
  for suffix, wanted in pairs(job_lists) do require_type('j:' .. id .. suffix, wanted) end
  if job.info ~= '' then require_type('j:' .. id .. ':info', 'string') end
  require_host(job.host)
  job.is_sound = true
  return job
end

local function add_job(job)
  job.stored = {}
  setmetatable(job, job_fields)
  job_cache[job.id] = job
  job_order[#job_order + 1] = job
end

-- Requests that have been carried out on a job, the newest of them, so that one that is sent again is known, also when
-- others have undone it since.
local REQUESTS_KEPT = 4
local function was_asked(requests, request)
  return string.find(' ' .. requests .. ' ', ' ' .. request .. ' ', 1, true) ~= nil
end
local function add_request(requests, request)
  local newest = {}
  for each in string.gmatch(requests .. ' ' .. request, '%S+') do newest[#newest + 1] = each end
  return table.concat(newest, ' ', math.max(1, #newest - REQUESTS_KEPT + 1))
end

local function status_of(job)
  if job.finishedAt > 0 then return 'complete' end
  if job.startedAt == 0 and job.retried == '' then return 'pending' end
  return 'in-progress'
end
-- By what jobs are found, other than that they are there: zsets by position, so that a filter looks at few others.
local function lists_of(job)
  local status = status_of(job)
  return {
    pending = status == 'pending', ['in-progress'] = status == 'in-progress', failing = job.failed > 0,
    ['paused-jobs'] = status ~= 'complete' and job.paused ~= '',
  }
end
-- Writes back what has changed of every job that was read, and in which lists it is by that.
local flush_jobs
do
  local NUMBERS_OF_LISTS, TEXTS_OF_LISTS = { startedAt = true, finishedAt = true, failed = true }, { retried = true, paused = true }
  local function flush_lists(job)
    local before = job.stored.total and lists_of(setmetatable(job.stored, job_fields)) or {}
    for name, is_in in pairs(lists_of(job)) do
      if is_in and not before[name] then rank(name, job.id, whole(job.position))
      elseif before[name] and not is_in then unrank(name, job.id) end
    end
  end
  flush_jobs = function()
    for _, job in ipairs(job_order) do
      local suffix, stored, is_listed_anew = 'j:' .. job.id, job.stored, not job.stored.total
      for _, name in ipairs(job_numbers) do
        local value = job[name]
        if value ~= (stored[name] or 0) then
          put(suffix, name, whole(value))
          is_listed_anew = is_listed_anew or NUMBERS_OF_LISTS[name]
        end
      end
      for _, name in ipairs(job_texts) do
        local value = job[name]
        if value ~= (stored[name] or '') then
          put(suffix, name, value)
          is_listed_anew = is_listed_anew or TEXTS_OF_LISTS[name]
        end
      end
      if is_listed_anew then flush_lists(job) end
    end
  end
end

-- What the job asks of the host and what the application has attached, as the JSON that was handed in.
local function info_of(job)
  if job.info == '' then return '' end
  job.info_text = job.info_text or read_of(job, 'GET', ':info') or ''
  return job.info_text
end

-- What an operator has paused of it, as names with spaces between. A step that writes asks for the type of `paused` before
-- its first write.
local pauses_of
do
  local known = {}
  pauses_of = function(host)
    if not known[host] then
      local found = read('SMISMEMBER', 'paused', 'host:' .. host, 'queue')
      known[host] = (found[1] == 1 and ' host' or '') .. (found[2] == 1 and ' queue' or '')
    end
    return known[host]
  end
end
local function paused_by(job)
  return (string.gsub((job.paused ~= '' and ' job' or '') .. pauses_of(job.host), '^ ', ''))
end
-- A job as others may read it: for events, and flat for answers.
local function summary_of(job)
  return {
    id = job.id, host = job.host, status = status_of(job), createdAt = job.createdAt,
    startedAt = job.startedAt > 0 and job.startedAt or cjson.null,
    finishedAt = job.finishedAt > 0 and job.finishedAt or cjson.null,
    total = job.total, waiting = job.waiting, claimed = job.claimed, complete = job.complete, failed = job.failed,
    possiblyDuplicated = job.duplicated, pausedBy = paused_by(job), cancelled = job.cancelled ~= '',
    info = info_of(job),
  }
end
local function answer_job(job)
  return {
    job.id, job.host, status_of(job), job.createdAt, job.startedAt, job.finishedAt, job.total, job.waiting,
    job.claimed, job.complete, job.failed, job.duplicated, paused_by(job), job.cancelled, info_of(job),
  }
end

-- URLs are kept in lists of a thousand, so that finding one costs the same in every job.
local URLS_A_LIST = 1000
local function url_of(job, index)
  job.urls = job.urls or {}
  if not job.urls[index] then
    local list = math.floor(index / URLS_A_LIST)
    job.urls[index] = read_of(job, 'LINDEX', ':u:' .. list, index % URLS_A_LIST) or ''
  end
  return job.urls[index]
end
-- Reads many at a time, with those between them where they are close together.
local function find_urls(job, indexes)
  local MOST_BETWEEN = 4
  local first, last = math.min(unpack(indexes)), math.max(unpack(indexes))
  if last - first >= MOST_BETWEEN * #indexes then return end
  job.urls = job.urls or {}
  for list = math.floor(first / URLS_A_LIST), math.floor(last / URLS_A_LIST) do
    local begins = math.max(first, list * URLS_A_LIST)
    local found = read_of(job, 'LRANGE', ':u:' .. list, begins % URLS_A_LIST, last - list * URLS_A_LIST)
    for place, url in ipairs(found) do job.urls[begins + place - 1] = url end
  end
end
