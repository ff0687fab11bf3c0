#!lua flags=no-writes
-- requires: clock, keys, writes, totals, jobs, packing, marks, records, budget, leases
-- Looks at leases, some at a time. ARGV: cursor, '0' for the beginning and at the end
-- Answers { cursor, leases, each { token, POSTs it has taken, its buckets, 1 when it is among those that ran out },
-- sentences }. A lease can come more than once.
--
-- An upload that is claimed has its lease, which `inspect` looks at. Any other lease is one that a cancel has taken away,
-- or of a job that is forgotten: it ends when its holder tells, or at its deadline.
local LEASES_A_STEP = 100
if not pcall(require_types, { leases = 'hash', expired = 'set' }) then return { '0', {}, {} } end
local scanned = redis.call('HSCAN', key('leases'), ARGV[1], 'COUNT', LEASES_A_STEP)
local said, leases = {}, {}
local function say(...) said[#said + 1] = table.concat({ ... }, ' ') end
local function look_at(lease)
  local job = find_job(lease.jobId)
  local record = job and lease.index < job.total and record_of(job, lease.index)
  if record and record.status == CLAIMED and record.token == lease.token then return end
  local whose = lease.index .. ' of job ' .. lease.jobId
  if job and not is_cancelled(job, lease.token) then say('there is a lease', whole(lease.token), 'of upload', whose, 'that nobody has')
  elseif not read('ZSCORE', 'deadlines:' .. lease.host, whole(lease.token)) then
    say('the cancelled lease', whole(lease.token), 'of upload', whose, 'never ends')
  end
end
for at = 1, #scanned[2], 2 do
  local is_read, lease = pcall(lease_of, tonumber(scanned[2][at]))
  if is_read and lease then
    leases[#leases + 1] = { scanned[2][at], lease.taken, lease.scope, redis.call('SISMEMBER', key('expired'), scanned[2][at]) }
    -- What of its job can not be read, inspecting the job tells.
    local is_sound, caught = pcall(look_at, lease)
    if not is_sound then reason_of(caught) end
  else say('lease', scanned[2][at], 'can not be read') end
end
return { scanned[1], leases, said }
