-- How the record of an upload is packed.
--
-- pack_record(job, record), unpack_record(job, packed): write nothing. A record that was never written is blank.
-- keep_link_base(job, link): what the links of a job begin with.
local WAITING, CLAIMED, COMPLETE, FAILED = 0, 1, 2, 3
local STATUS_NAMES = { [0] = 'waiting', 'claimed', 'complete', 'failed' }
local KNOWN_TYPES = {
  'image/jpeg', 'image/png', 'image/gif', 'image/apng', 'image/tiff', 'video/mp4', 'video/webm', 'video/quicktime',
}
local type_numbers = {}
for number, name in ipairs(KNOWN_TYPES) do type_numbers[name] = number end

local function blank_record()
  return {
    status = WAITING, marks = 0, attempts = 0, attemptsBefore = 0, expiries = 0, token = 0, settledToken = 0, finished = 0,
    cancelledToken = 0, failure = false, link = false, bytes = false, type = false, width = false, height = false,
    duplicated = false, startedAt = 0, finishedAt = 0, staged = false, reused = false,
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

-- Times and tokens are kept as differences, which are short. What few records have comes last and is left out of the others.
local function pack_record(job, record)
  local fields = {
    record.status, record.marks, record.attempts, record.expiries, record.token,
    record.settledToken > 0 and record.token - record.settledToken or false,
    record.finished,
    record.cancelledToken > 0 and record.token - record.cancelledToken or false,
    record.failure, shorten_link(job, record.link), record.bytes, type_numbers[record.type] or record.type,
    record.width, record.height, record.duplicated,
    record.startedAt > 0 and record.startedAt - job.createdAt or false,
    record.finishedAt > 0 and record.finishedAt - math.max(record.startedAt, job.createdAt) or false,
    record.staged,
  }
  if record.reused or record.attemptsBefore > 0 then fields[19] = record.reused end
  if record.attemptsBefore > 0 then fields[20] = record.attemptsBefore end
  return cmsgpack.pack(fields)
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
  record.staged, record.reused, record.attemptsBefore = f[18], f[19] or false, f[20] or 0
  return record
end
