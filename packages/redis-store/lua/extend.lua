#!lua flags=allow-oom
-- requires: clock, keys, writes, checks, jobs, packing, marks, records, totals, budget, leases
-- Holds leases for longer. ARGV: leaseMs, then jobId, index and token of each, at most 2,000.
-- Answers for each 'held' or why it is lost.
local lease_ms = tonumber(ARGV[1])
require_number('leaseMs', lease_ms)

-- A lease of a job that can not be read is held: whoever has it may go on, and nobody else gets the upload meanwhile.
local function look_at(job_id, index, token)
  local sound, status, job, lease = pcall(standing, job_id, index, token)
  if sound and lease and lease.expired then sound = pcall(job_to_change, job_id) end
  if sound then return status, job, lease end
  lease = lease_of(token)
  local is_held = lease and lease.jobId == job_id and lease.index == index
  if is_held then require_types({ ['deadlines:' .. lease.host] = 'zset', expired = 'set' }) end
  return is_held and 'held' or 'unknown', nil, lease
end
local looked_at, ids, indexes, tokens = {}, {}, {}, {}
for at = 2, #ARGV, 3 do
  ids[#ids + 1], indexes[#indexes + 1], tokens[#tokens + 1] = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
end
find_leases(tokens, ids, indexes)
for at = 2, #ARGV, 3 do
  looked_at[#looked_at + 1] = { look_at(ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])) }
end

local answers = {}
for at, found in ipairs(looked_at) do
  local status, job, lease = found[1], found[2], found[3]
  if status == 'held' then
    if lease.expired then
      lease.expired = false
      save_lease(lease)
      redis.call('SREM', key('expired'), whole(lease.token))
      if job then redis.call('LREM', job_key(job, ':expired'), 1, whole(lease.token)) end
    end
    rank('deadlines:' .. lease.host, whole(lease.token), whole(now() + lease_ms))
  end
  answers[at] = status == 'settled' and 'unknown' or status
end
flush_writes()
return answers
