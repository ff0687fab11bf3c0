#!lua
-- requires: clock, keys, totals, jobs, records
-- Notes which failed uploads are to run again, a part at a time. Nobody sees it until `retry` makes it count.
-- ARGV: job id, choice, '1' for its first part, marks seen, how many are chosen in this part, their indexes, then those
-- that are not, at most 1,000 of both. Answers 1, or 0 when the job has changed since.
local CHOICE_KEPT_MS = 600000
local job = job_to_change(ARGV[1])
local choice, chosen = ARGV[2], tonumber(ARGV[5])
if not job or whole(job.marks) ~= ARGV[4] then return 0 end
local is_first = ARGV[3] == '1'
if not is_first and read_of(job, 'GET', ':choice') ~= choice then return 0 end
for at = 6, 5 + chosen do touch(job, tonumber(ARGV[at])).staged = choice end
local picked, rest = job_key(job, ':picked'), job_key(job, ':rest')
if is_first then
  redis.call('UNLINK', picked, rest)
  redis.call('SET', job_key(job, ':choice'), choice, 'PX', CHOICE_KEPT_MS)
else require_types({ ['j:' .. job.id .. ':picked'] = 'list', ['j:' .. job.id .. ':rest'] = 'list' }) end
if chosen > 0 then redis.call('RPUSH', picked, unpack(ARGV, 6, 5 + chosen)) end
if #ARGV > 5 + chosen then redis.call('RPUSH', rest, unpack(ARGV, 6 + chosen)) end
flush_records()
return 1
