#!lua flags=no-writes
-- requires: clock, keys, writes, totals, jobs, packing, marks, records
-- A part of a job's uploads. ARGV: job id, first index, how many, the place of the job whose URLs are known, or ''
-- Answers { facts as JSON, records }. The facts are the job, the URLs unless they are known, and what records are read
-- by. The records are packed: that of an upload that was never touched, then the hashes that have those of the part, as
-- they are kept. Two texts are written and read many times faster than as many values as there are fields.
local job = find_job(ARGV[1])
if not job then return false end
local first = tonumber(ARGV[2])
local last = math.min(job.total, first + tonumber(ARGV[3])) - 1

-- What no mark was set on since is not even looked at.
local function as_now(packed)
  local record = unpack_record(job, packed)
  if packed and (record.status == COMPLETE or record.marks == job.marks) then return packed end
  apply_marks(job, record)
  return pack_record(job, record)
end
local records, urls = { job.marks == 0 and cmsgpack.pack(nil) or as_now(false) }, {}
for hash = math.floor(first / RECORDS_A_HASH), math.floor(last / RECORDS_A_HASH) do
  local kept = read_of(job, 'HGETALL', ':r:' .. hash)
  if job.marks > 0 then
    for at = 2, #kept, 2 do kept[at] = as_now(kept[at]) end
  end
  records[#records + 1] = kept
end
-- Positions are given out again by a Redis that has lost its last writes, but not in the same millisecond.
local position = whole(job.position) .. ' ' .. whole(job.createdAt)
local known = ARGV[4] == position
for list = math.floor(first / URLS_A_LIST), known and -1 or math.floor(last / URLS_A_LIST) do
  local before = list * URLS_A_LIST
  local from, to = math.max(first - before, 0), math.min(last - before, URLS_A_LIST - 1)
  local found = read_of(job, 'LRANGE', ':u:' .. list, from, to)
  -- The URLs behind those that are lost would be told of others.
  if #found <= to - from then error({ err = 'ERR ' .. job_key(job, ':u:' .. list) .. ' has lost URLs' }) end
  if #urls == 0 then urls = found
  else
    for _, url in ipairs(found) do urls[#urls + 1] = url end
  end
end
-- An empty list would be written as an object.
local facts = {
  job = answer_job(job), position = position, urls = urls[1] and urls, linkBase = job.linkBase, types = KNOWN_TYPES,
}
return { cjson.encode(facts), cmsgpack.pack(records) }
