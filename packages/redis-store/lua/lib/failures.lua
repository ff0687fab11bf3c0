-- Uploads that failed for good, one by one; what a cancel ends is not told so.
--
-- upload_failed(job, index, failure): notes it, and tells of it.
-- check_failures(): refuses a key of another type. Before the first write of a step.
-- flush_failures(): writes what was noted. Once, at the end of a step.
--
-- `failures` has the newest first, each { job id, position of the job, index, code, message, at }. A URL is not in it, so
-- that none outlives its job, which the position tells from a later one with the same id. They are numbered from 1, and
-- `failures` in `meta` is the number of the newest, so that a reader finds its place again.
local upload_failed, check_failures, flush_failures
do
  local FAILURES_KEPT = 1000
  local noted = {}
  upload_failed = function(job, index, failure)
    append('j:' .. job.id .. ':failed', index)
    count_outcome(job.host, failure[1], 1)
    count_minute(0, 1, 0)
    noted[#noted + 1] = cmsgpack.pack({ job.id, job.position, index, failure[1], failure[2], now() })
    tell({ type = 'upload:failed', jobId = job.id, index = index, url = url_of(job, index),
      failure = { code = failure[1], message = failure[2] } })
  end
  check_failures = function() require_types({ failures = 'list', meta = 'hash' }) end
  flush_failures = function()
    if #noted == 0 then return end
    redis.call('LPUSH', key('failures'), unpack(noted, math.max(1, #noted - FAILURES_KEPT + 1)))
    redis.call('LTRIM', key('failures'), 0, FAILURES_KEPT - 1)
    redis.call('HINCRBY', key('meta'), 'failures', #noted)
  end
end
