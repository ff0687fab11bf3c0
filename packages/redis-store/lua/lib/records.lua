-- What is kept of an upload once it has been touched, in hashes of a hundred: short enough for Redis to keep them as one
-- block, and to be read and written many at a time.
local RECORDS_A_HASH = 100

local function hash_of_record(job, index)
  local hash, known = math.floor(index / RECORDS_A_HASH), job.record_hashes
  if not known then
    known = {}
    job.record_hashes = known
  end
  known[hash] = known[hash] or 'j:' .. job.id .. ':r:' .. hash
  return known[hash]
end
local function keep_record(job, index, packed)
  local record = unpack_record(job, packed)
  record.was_staged = record.staged
  apply_marks(job, record)
  record.index = index
  job.records = job.records or {}
  job.records[index] = record
  return record
end
-- Of an upload that is claimed for its first time there is nothing else to tell.
local function first_record(job, index, token, claimed_at)
  local record = keep_record(job, index)
  record.status, record.token, record.attempts, record.startedAt = CLAIMED, token, 1, claimed_at
  return record
end
-- An upload as it is now; the same table each time in a step.
local function record_of(job, index)
  local record = job.records and job.records[index]
  return record or keep_record(job, index,
    read_of(job, 'HGET', ':r:' .. math.floor(index / RECORDS_A_HASH), index % RECORDS_A_HASH))
end
-- Reads many at a time.
local function find_records(job, indexes)
  local fields_of = {}
  for _, index in ipairs(indexes) do
    local hash = math.floor(index / RECORDS_A_HASH)
    local fields = fields_of[hash] or {}
    fields[#fields + 1] = index % RECORDS_A_HASH
    fields_of[hash] = fields
  end
  for hash, fields in pairs(fields_of) do
    for at, packed in ipairs(read_of(job, 'HMGET', ':r:' .. hash, unpack(fields))) do
      local index = hash * RECORDS_A_HASH + fields[at]
      if not (job.records and job.records[index]) then keep_record(job, index, packed) end
    end
  end
end
-- Has a record written at the end of the step.
local function touch(job, index)
  local record = record_of(job, index)
  job.touched = job.touched or {}
  job.touched[index] = record
  return record
end
local function flush_records()
  for _, job in ipairs(job_order) do
    for index, record in pairs(job.touched or {}) do
      local fields = puts(hash_of_record(job, index))
      local last = #fields
      fields[last + 1], fields[last + 2] = index % RECORDS_A_HASH, pack_record(job, record)
      if record.was_staged and record.was_staged ~= record.staged then leave_choice(job, record.was_staged) end
    end
  end
end
