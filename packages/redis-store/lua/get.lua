#!lua flags=no-writes
-- requires: clock, keys, writes, jobs
-- A job without its uploads. ARGV: job id
local job = find_job(ARGV[1])
return job and answer_job(job)
