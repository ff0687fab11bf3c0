#!lua flags=no-writes
-- requires: clock, keys, jobs
-- Jobs, newest first. ARGV: position before which to begin or '', how many at most
-- Answers { last position given out, jobs }, with one more job than asked for when there is one.
local position, wanted = ARGV[1], tonumber(ARGV[2])
local last = tonumber(redis.call('HGET', key('meta'), 'position') or '0')
if position ~= '' and tonumber(position) > last + 1 then return false end
local ids = redis.call('ZRANGE', key('jobs'), position == '' and '+inf' or '(' .. position, '-inf', 'BYSCORE', 'REV',
  'LIMIT', 0, wanted + 100)
local jobs = {}
for _, id in ipairs(ids) do
  local job = find_job(id)
  if job then jobs[#jobs + 1] = { job.position, answer_job(job) } end
  if #jobs > wanted then break end
end
return { last, jobs }
