#!lua flags=no-writes
-- requires: clock, keys, writes, totals, jobs, packing, marks, records
-- Some of a job's failed uploads, to choose among them. ARGV: job id, place from which to begin, how many to look at
-- Answers { marks, place to go on from, 1 when there are more, failures, each { index, url, code }, job, how many
-- uploads wait in the whole store }.
--
-- A place is one in the list of what has failed, which grows at its end only while the marks are the same. Most uploads
-- that a cancel has ended are in no list, and nothing else fails after it; so a place is an index then.
local job = find_job(ARGV[1])
if not job then return false end
local first, looks = tonumber(ARGV[2]), tonumber(ARGV[3])
local indexes = {}
if job.cancelled == '' then indexes = read_of(job, 'LRANGE', ':failed', first, first + looks - 1)
else for index = first, math.min(first + looks, job.total) - 1 do indexes[#indexes + 1] = index end end
local failures = {}
for _, each in ipairs(indexes) do
  local index = tonumber(each)
  local record = record_of(job, index)
  if record.status == FAILED then
    failures[#failures + 1] = { index, url_of(job, index), record.failure and record.failure[1] or '' }
  end
end
return { job.marks, first + #indexes, #indexes == looks and 1 or 0, failures, answer_job(job), count_waiting() }
