#!lua flags=allow-oom
-- requires: clock, keys, writes, checks, jobs, packing, marks, records, totals, budget, leases
-- Publishes how far uploads are, each to those who hear of its job. Passes over what is no longer held, and what is of a
-- job that can not be read. Writes nothing.
-- ARGV: progress (JSON: { job, index, token, url, attempt, sentBytes, totalBytes }, at most 2,000)
local function is_held(progress)
  local lease = lease_of(progress.token)
  if not lease or lease.jobId ~= progress.job or lease.index ~= progress.index then return false end
  local job = find_job(lease.jobId)
  return job and not is_cancelled(job, lease.token)
end
for _, progress in ipairs(cjson.decode(ARGV[1])) do
  local sound, held = pcall(is_held, progress)
  if sound and held then
    redis.call('PUBLISH', key('progress:' .. progress.job), cjson.encode({ index = progress.index, url = progress.url,
      attempt = progress.attempt, sentBytes = progress.sentBytes, totalBytes = progress.totalBytes, at = now() }))
  end
end
return 1
