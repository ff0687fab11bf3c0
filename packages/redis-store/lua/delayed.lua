#!lua flags=no-writes
-- requires: clock, keys, delays
-- Uploads that wait for their time, job by job. ARGV: cursor, '0' for the beginning and at the end
-- Answers { cursor, then for each job its id and how many }. A job can come more than once.
local scanned = read('SSCAN', 'delaying', ARGV[1], 'COUNT', MOST_DELAYING)
local answer = { scanned[1] }
for _, id in ipairs(scanned[2]) do
  answer[#answer + 1] = id
  answer[#answer + 1] = delayed_of(id)
end
return answer
