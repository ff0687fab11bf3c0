#!lua
-- requires: clock, keys, writes, totals, jobs, packing, marks, records
-- Notes which failed uploads are to run again, a part at a time. Nobody sees it until `retry` makes it count.
-- ARGV: job id, choice, place at which this part begins, marks seen, place at which the next one begins, how many are
-- chosen in this part, their indexes, then those that are not, at most 1,000 of both. Answers 1, 0 when the job has
-- changed since, or 2 when somebody else is choosing. A part that is sent again after the reply was lost is not noted twice:
-- `:choice` tells which is next.
local CHOICE_KEPT_MS = 600000
-- Who has noted a part so lately is still at it. The choices that one caller tries begin with the same 36 characters.
local AT_IT_MS = 2000
local job = job_to_change(ARGV[1])
local choice, start, chosen = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[6])
if not job or whole(job.marks) ~= ARGV[4] then return 0 end
local known, place = string.match(read_of(job, 'GET', ':choice') or '', '^(%S+) (%d+)$')
if start == 0 and known and string.sub(known, 1, 36) ~= string.sub(choice, 1, 36)
  and redis.call('PTTL', job_key(job, ':choice')) > CHOICE_KEPT_MS - AT_IT_MS then return 2 end
local awaited = known == choice and tonumber(place) or 0
if start < awaited then return 1 end
if start > awaited then return 0 end
for at = 7, 6 + chosen do touch(job, tonumber(ARGV[at])).staged = choice end
local picked, rest = job_key(job, ':picked'), job_key(job, ':rest')
if start == 0 then redis.call('UNLINK', picked, rest)
else require_types({ ['j:' .. job.id .. ':picked'] = 'list', ['j:' .. job.id .. ':rest'] = 'list' }) end
redis.call('SET', job_key(job, ':choice'), choice .. ' ' .. ARGV[5], 'PX', CHOICE_KEPT_MS)
if chosen > 0 then redis.call('RPUSH', picked, unpack(ARGV, 7, 6 + chosen)) end
if #ARGV > 6 + chosen then redis.call('RPUSH', rest, unpack(ARGV, 7 + chosen)) end
flush_records() flush_writes()
return 1
