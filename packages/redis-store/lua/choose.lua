#!lua
-- requires: clock, keys, totals, jobs, records
-- Notes which failed uploads are to run again, a part at a time. Nobody sees it until `retry` makes it count.
-- ARGV: job id, choice, '1' for its first part, marks seen, how many are chosen in this part, their indexes, then those
-- that are not. Answers 1, or 0 when the job has changed since.
local job = find_job(ARGV[1])
local choice, chosen = ARGV[2], tonumber(ARGV[5])
if not job or whole(job.marks) ~= ARGV[4] then return 0 end
if ARGV[3] == '1' then
  redis.call('DEL', job_key(job, ':picked'), job_key(job, ':rest'))
  redis.call('SET', job_key(job, ':choice'), choice, 'PX', 600000)
elseif redis.call('GET', job_key(job, ':choice')) ~= choice then return 0 end
for at = 6, 5 + chosen do
  touch(job, tonumber(ARGV[at])).staged = choice
  redis.call('RPUSH', job_key(job, ':picked'), ARGV[at])
end
for at = 6 + chosen, #ARGV do redis.call('RPUSH', job_key(job, ':rest'), ARGV[at]) end
flush_records()
return 1
