#!lua
-- requires: clock, keys, totals, jobs, packing, marks, records
-- Notes which failed uploads are to run again, a part at a time. Nobody sees it until `retry` makes it count.
-- ARGV: job id, choice, how many were noted before, marks seen, how many are chosen in this part, their indexes, then
-- those that are not, at most 1,000 of both. Answers 1, also when this part was noted already and its answer lost, or 0
-- when the job has changed since.
local CHOICE_KEPT_MS = 600000
local job = job_to_change(ARGV[1])
local choice, noted, chosen = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
if not job or whole(job.marks) ~= ARGV[4] then return 0 end
local is_first = noted == 0
if not is_first then
  if read_of(job, 'GET', ':choice') ~= choice then return 0 end
  local found = read_of(job, 'LLEN', ':picked') + read_of(job, 'LLEN', ':rest')
  if found > noted then return 1 end
end
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
