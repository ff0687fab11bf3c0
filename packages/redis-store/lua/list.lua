#!lua flags=no-writes
-- requires: clock, keys, jobs
-- Jobs, newest first. ARGV: position before which to begin or '', how many at most
-- Answers { last position given out, jobs, each { position, job }, position before which to go on, -1 at the end }. A job
-- that can not be read is passed over.
local MOST_OVER = 100
-- A job with its pauses can not be read without it, and none may be passed over for that.
require_type('paused', 'set')
local position, wanted = ARGV[1], tonumber(ARGV[2])
local last = tonumber(read('HGET', 'meta', 'position') or '0')
if position ~= '' and tonumber(position) > last + 1 then return false end
local looks = wanted + MOST_OVER
local found = read('ZRANGE', 'jobs', position == '' and '+inf' or '(' .. position, '-inf', 'BYSCORE', 'REV',
  'LIMIT', 0, looks, 'WITHSCORES')

local function answer_of(id)
  local job = find_job(id)
  return job and { job.position, answer_job(job) }
end
local jobs, looked = {}, 0
while looked < #found and #jobs < wanted do
  local sound, job = pcall(answer_of, found[looked + 1])
  if sound and job then jobs[#jobs + 1] = job end
  looked = looked + 2
end
local has_more = looked < #found or looked == 2 * looks
return { last, jobs, has_more and tonumber(found[looked]) or -1 }
