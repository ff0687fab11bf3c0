-- How the record of an upload is packed.
--
-- pack_record(job, record), unpack_record(job, packed): write nothing. A record that was never written is blank.
-- pack_completed(job, token, link, bytes, type, width, height, started_at): that of an upload that is complete by now,
-- claimed once, of a job without marks. What is not known is false.
-- keep_link_base(job, link): what the links of a job begin with.
local WAITING, CLAIMED, COMPLETE, FAILED = 0, 1, 2, 3
local STATUS_NAMES = { [0] = 'waiting', 'claimed', 'complete', 'failed' }
local KNOWN_TYPES = {
  'image/jpeg', 'image/png', 'image/gif', 'image/apng', 'image/tiff', 'video/mp4', 'video/webm', 'video/quicktime',
}
local pack_record, unpack_record, pack_completed, keep_link_base
do
  local type_numbers = {}
  for number, name in ipairs(KNOWN_TYPES) do type_numbers[name] = number end
  local BLANK = cmsgpack.pack({ WAITING, 0, 0, 0, 0, false, 0, false, false, false, false, false, false, false, false, false,
    false, false })

  -- The links of a job mostly begin alike. What the first one begins with is kept once, on the job, and of the others what
  -- comes after it.
  local LONGEST_LINK_BASE = 200
  keep_link_base = function(job, link)
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

  -- Times and tokens are kept as differences, which are short. What few records have comes last and is left out of the
  -- others.
  pack_record = function(job, record)
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
  pack_completed = function(job, token, link, bytes, type, width, height, started_at)
    -- What a list of eighteen begins with.
    local RECORD_OF_EIGHTEEN = '\220\0\18'
    return RECORD_OF_EIGHTEEN .. cmsgpack.pack(COMPLETE, 0, 1, 0, token, 0, 0, false, false, shorten_link(job, link), bytes,
      type_numbers[type] or type, width, height, false, started_at - job.createdAt, now() - math.max(started_at, job.createdAt), false)
  end
  unpack_record = function(job, packed)
    local f = cmsgpack.unpack(packed and packed ~= '' and packed or BLANK)
    local token, started_at = f[5], f[16] and f[16] + job.createdAt or 0
    return {
      status = f[1], marks = f[2], attempts = f[3], expiries = f[4], token = token, settledToken = f[6] and token - f[6] or 0,
      finished = f[7], cancelledToken = f[8] and token - f[8] or 0, failure = f[9], link = whole_link(job, f[10]),
      bytes = f[11], type = KNOWN_TYPES[f[12]] or f[12], width = f[13], height = f[14], duplicated = f[15],
      startedAt = started_at, finishedAt = f[17] and f[17] + math.max(started_at, job.createdAt) or 0,
      staged = f[18], reused = f[19] or false, attemptsBefore = f[20] or 0,
    }
  end
end
