#!lua flags=no-writes
-- requires: clock, keys, delays
-- Uploads that wait for their time, job by job. ARGV: cursor, '0' for the beginning and at the end
-- Answers { cursor, jobs, each { id, how many, ms until the first may run or -1 } }. A job can come more than once.
local scanned = read('SSCAN', 'delaying', ARGV[1], 'COUNT', MOST_DELAYING)
local jobs = {}
for at, id in ipairs(scanned[2]) do jobs[at] = { id, delayed_of(id) } end
return { scanned[1], jobs }
