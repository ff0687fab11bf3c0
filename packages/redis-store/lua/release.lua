#!lua flags=allow-oom
-- requires: clock, keys, writes, wake, checks, totals, minutes, events, jobs, packing, marks, records, budget, leases, queue
-- Gives leases back. One that is no longer held is passed over; so is one of a job that can not be read: it runs out.
-- ARGV: releases (JSON: { job, index, token, posts, delayMs, countAttempt, failure, possiblyDuplicated }, at most 2,000),
-- readings (JSON), maxEvents
local releases, readings = cjson.decode(ARGV[1]), readable_of(cjson.decode(ARGV[2]))
max_events = tonumber(ARGV[3])
for _, release in ipairs(releases) do
  require_lease(release)
  require_number('delayMs', release.delayMs)
  if release.failure ~= nil then require_failure(release.failure) end
end
require_types({ meta = 'hash', leases = 'hash' })
check_totals() check_events()
local function look_at(release)
  local status, job, lease = standing(release.job, release.index, release.token)
  if status ~= 'held' then return end
  job_to_change(job.id)
  url_of(job, lease.index)
end
local readable = {}
for _, release in ipairs(releases) do
  if pcall(look_at, release) then readable[#readable + 1] = release end
end

note_outlooks(readings)
local hosts = {}
local function give_back_upload(job, lease, release)
  local index, record = lease.index, touch(job, lease.index)
  close_lease(lease, release.posts)
  unrank('j:' .. job.id .. ':held', index)
  move(job, 'claimed', 'waiting', 1)
  record.status = WAITING
  if not release.countAttempt then record.attempts = record.attempts - 1 end
  record.duplicated = record.duplicated or release.possiblyDuplicated or false
  delay(job, index, now() + math.ceil(release.delayMs))
  if release.failure then
    record.failure = { release.failure.code, release.failure.message }
  end
  if release.failure and release.countAttempt then
    count('uploadsRetried', 1)
    tell({ type = 'upload:retried', jobId = job.id, index = index, url = url_of(job, index),
      failure = release.failure, delayMs = release.delayMs })
  end
  place(job)
  redis.call('PUBLISH', key('progress:' .. job.id), cjson.encode({ index = index, ended = true, at = now() }))
  hosts[job.host] = true
end
for _, release in ipairs(readable) do
  local status, job, lease = standing(release.job, release.index, release.token)
  if status == 'held' then give_back_upload(job, lease, release)
  elseif lease then close_cancelled(job, lease, release.posts, release.possiblyDuplicated) end
end
observe(readings)
flush_records() flush_jobs() flush_budget() flush_totals() flush_events() flush_writes()
if is_news() then wake('*') else for host in pairs(hosts) do wake(host) end end
return 1
