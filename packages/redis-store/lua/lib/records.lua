-- What is kept of an upload once it has been touched, in lists of a hundred.
local RECORDS_A_LIST = 100

-- An upload as it is now; the same table each time in a step.
local function record_of(job, index)
  job.records = job.records or {}
  local record = job.records[index]
  if record then return record end
  local list = math.floor(index / RECORDS_A_LIST)
  record = unpack_record(job, read_of(job, 'LINDEX', ':r:' .. list, index % RECORDS_A_LIST))
  record.was_staged = record.staged
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
      if record.was_staged and record.was_staged ~= record.staged then leave_choice(job, record.was_staged) end
    end
  end
end
