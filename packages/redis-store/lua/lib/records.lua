-- What is kept of an upload once it has been touched, packed, in lists of a hundred.
--
-- Cancelling and retrying a whole job are marks on the job, numbered from 1. A record knows how many there were when it
-- was written and is brought up to date when somebody next looks at it.
local RECORDS_A_LIST = 100
local WAITING, CLAIMED, COMPLETE, FAILED = 0, 1, 2, 3
local STATUS_NAMES = { [0] = 'waiting', 'claimed', 'complete', 'failed' }
local CANCELLED = { 'cancelled', 'the job was cancelled' }
local KNOWN_TYPES = {
  'image/jpeg', 'image/png', 'image/gif', 'image/apng', 'image/tiff', 'video/mp4', 'video/webm', 'video/quicktime',
}
local type_numbers = {}
for number, name in ipairs(KNOWN_TYPES) do type_numbers[name] = number end

local function blank_record()
  return {
    status = WAITING, marks = 0, attempts = 0, expiries = 0, token = 0, settledToken = 0, finished = 0,
    cancelledToken = 0, failure = false, link = false, bytes = false, type = false, width = false, height = false,
    duplicated = false, startedAt = 0, finishedAt = 0, staged = false,
  }
end

-- The links of a job mostly begin alike. What the first one begins with is kept once, on the job, and of the others what
-- comes after it.
local LONGEST_LINK_BASE = 200
local function keep_link_base(job, link)
  if job.linkBase ~= '' then return end
  local base = string.match(link, '^.*/') or ''
  if #base <= LONGEST_LINK_BASE then job.linkBase = base end
end
local function shorten_link(job, link)
  local base = job.linkBase
  if not link or base == '' or string.sub(link, 1, #base) ~= base then return link end
  return { string.sub(link, #base + 1) }
end
local function whole_link(job, packed)
  return type(packed) == 'table' and job.linkBase .. packed[1] or packed
end

-- Times and tokens are kept as differences, which are short.
local function pack_record(job, record)
  return cmsgpack.pack({
    record.status, record.marks, record.attempts, record.expiries, record.token,
    record.settledToken > 0 and record.token - record.settledToken or false,
    record.finished,
    record.cancelledToken > 0 and record.token - record.cancelledToken or false,
    record.failure, shorten_link(job, record.link), record.bytes, type_numbers[record.type] or record.type,
    record.width, record.height, record.duplicated,
    record.startedAt > 0 and record.startedAt - job.createdAt or false,
    record.finishedAt > 0 and record.finishedAt - math.max(record.startedAt, job.createdAt) or false,
    record.staged,
  })
end
local function unpack_record(job, packed)
  local record = blank_record()
  if not packed or packed == '' then return record end
  local f = cmsgpack.unpack(packed)
  record.status, record.marks, record.attempts, record.expiries, record.token = f[1], f[2], f[3], f[4], f[5]
  record.settledToken = f[6] and record.token - f[6] or 0
  record.finished = f[7]
  record.cancelledToken = f[8] and record.token - f[8] or 0
  record.failure, record.link, record.bytes = f[9], whole_link(job, f[10]), f[11]
  record.type = KNOWN_TYPES[f[12]] or f[12]
  record.width, record.height, record.duplicated = f[13], f[14], f[15]
  record.startedAt = f[16] and f[16] + job.createdAt or 0
  record.finishedAt = f[17] and f[17] + math.max(record.startedAt, job.createdAt) or 0
  record.staged = f[18]
  return record
end

local function run_again(record)
  record.status, record.attempts, record.expiries, record.finishedAt, record.staged = WAITING, 0, 0, 0, false
end
local function fail_record(record, failure, at)
  record.status, record.failure, record.finishedAt = FAILED, failure, at
end

-- When the first cancel after a mark was. Those since the job was last retried as a whole are kept, the newest of them.
local LONGEST_CANCELS = 2000
local function cancelled_at(job, since)
  for mark, at in string.gmatch(job.cancels, '(%d+):(%d+) ') do
    if tonumber(mark) > since then return tonumber(at) end
  end
  return job.finishedAt
end

-- Applies the marks that were set since a record was written. It comes to the same as applying them one by one; which
-- of them were last, and last before the other kind, is all that has to be known.
local function apply_marks(job, record)
  local since = record.marks
  if record.staged then
    local chosen = tonumber(read_of(job, 'HGET', ':chosen', record.staged) or '0')
    if chosen == since + 1 then
      run_again(record)
      since = chosen
    end
  end
  record.marks = job.marks
  if record.status == COMPLETE then return end
  if record.status == CLAIMED and record.token <= job.cancelToken and job.lastCancel > since then
    record.cancelledToken = record.token
    record.status = WAITING
  end
  if record.status == CLAIMED then return end
  local again = job.lastRetry > since
  if record.status == FAILED then
    if not again then return end
    local cancelled = job.retryBeforeCancel > since
    run_again(record)
    if cancelled then record.failure = CANCELLED end
    if cancelled and job.lastCancel > job.lastRetry then fail_record(record, CANCELLED, cancelled_at(job, since)) end
    return
  end
  if job.lastCancel <= since then return end
  if job.cancelBeforeRetry > since then run_again(record) end
  record.failure = CANCELLED
  if job.lastCancel > job.lastRetry then fail_record(record, CANCELLED, cancelled_at(job, since)) end
end

local function add_mark(job, kind)
  job.marks = job.marks + 1
  if kind == 'cancel' then
    job.retryBeforeCancel = job.lastRetry
    job.lastCancel = job.marks
    job.cancels = job.cancels .. job.marks .. ':' .. whole(now()) .. ' '
    while #job.cancels > LONGEST_CANCELS do job.cancels = string.gsub(job.cancels, '^%S+ ', '') end
  else
    job.cancelBeforeRetry = job.lastCancel
    job.cancels = ''
    job.lastRetry = job.marks
  end
end

-- An upload as it is now; the same table each time in a step.
local function record_of(job, index)
  job.records = job.records or {}
  local record = job.records[index]
  if record then return record end
  local list = math.floor(index / RECORDS_A_LIST)
  record = unpack_record(job, read_of(job, 'LINDEX', ':r:' .. list, index % RECORDS_A_LIST))
  apply_marks(job, record)
  record.index = index
  job.records[index] = record
  return record
end
-- Has a record written at the end of the step.
local function touch(job, index)
  local record = record_of(job, index)
  job.touched = job.touched or {}
  job.touched[index] = record
  return record
end
local EMPTY = {}
for at = 1, RECORDS_A_LIST do EMPTY[at] = '' end
local function flush_records()
  for _, job in ipairs(job_order) do
    local made = {}
    for index, record in pairs(job.touched or {}) do
      local list = math.floor(index / RECORDS_A_LIST)
      local where = job_key(job, ':r:' .. list)
      if not made[list] then
        made[list] = true
        if redis.call('EXISTS', where) == 0 then
          local size = math.min(RECORDS_A_LIST, job.total - list * RECORDS_A_LIST)
          redis.call('RPUSH', where, unpack(EMPTY, 1, size))
        end
      end
      redis.call('LSET', where, index % RECORDS_A_LIST, pack_record(job, record))
    end
  end
end
