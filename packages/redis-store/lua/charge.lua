#!lua flags=allow-oom
-- requires: clock, keys, writes, checks, totals, jobs, packing, marks, records, budget, leases
-- Takes one more POST for a lease. ARGV: job id, index, token, request id. Answers 1, or 0 when nothing is left.
local status, job, lease = standing(ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]))
if status ~= 'held' then return 0 end
if lease.charge == ARGV[4] then return 1 end
for _, name in ipairs(lease.scope) do
  local bucket = bucket_of(name)
  -- An unknown bucket allows it: what is asked of it is the first reply, and this upload is on its way to it.
  if not is_unknown(bucket) and (allowed_by(bucket) or 1) < 1 then return 0 end
end
for _, name in ipairs(lease.scope) do bucket_of(name).inFlight = bucket_of(name).inFlight + 1 end
lease.taken, lease.charge = lease.taken + 1, ARGV[4]
save_lease(lease)
flush_budget() flush_writes()
return 1
