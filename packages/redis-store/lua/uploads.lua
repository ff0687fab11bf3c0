#!lua flags=no-writes
-- requires: clock, keys, writes, totals, jobs, packing, marks, records
-- A part of a job's uploads. ARGV: job id, first index, how many at most, status or '', how many to look at
-- Answers { job, index to go on from or -1, uploads }.
local job = find_job(ARGV[1])
if not job then return false end
local index, limit, wanted, looks = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local paused = paused_by(job) ~= ''

local urls, urls_of, packed, packed_of = {}, nil, {}, nil
local FIELDS = {}
for field = 1, RECORDS_A_HASH do FIELDS[field] = field - 1 end
local function record_at(at)
  local hash = math.floor(at / RECORDS_A_HASH)
  if packed_of ~= hash then
    packed_of, packed = hash, read_of(job, 'HMGET', ':r:' .. hash, unpack(FIELDS))
  end
  local record = unpack_record(job, packed[at % RECORDS_A_HASH + 1])
  apply_marks(job, record)
  return record
end
local function url_at(at)
  local part = math.floor(at / RECORDS_A_HASH)
  if urls_of ~= part then
    local first = part * RECORDS_A_HASH % URLS_A_LIST
    urls_of = part
    urls = read_of(job, 'LRANGE', ':u:' .. math.floor(at / URLS_A_LIST), first, first + RECORDS_A_HASH - 1)
  end
  return urls[at % RECORDS_A_HASH + 1]
end
local uploads = {}
while index < job.total and looks > 0 do
  local record = record_at(index)
  local status = STATUS_NAMES[record.status]
  if wanted == '' or wanted == status then
    if #uploads == limit then break end
    uploads[#uploads + 1] = { index, url_at(index), status, record.link, record.failure and record.failure[1],
      record.failure and record.failure[2], record.attempts, record.bytes, record.type, record.width, record.height,
      record.duplicated and 1 or 0, record.reused and 1 or 0, paused and record.status == WAITING and 1 or 0,
      record.startedAt, record.finishedAt }
  end
  index = index + 1
  looks = looks - 1
end
return { answer_job(job), index < job.total and index or -1, uploads }
