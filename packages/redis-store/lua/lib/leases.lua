-- Leases: what is known of each token that is out, and who waits for what in a job.
local lease_cache = {}

-- `isFirst` is kept of an upload that was never claimed before, and of no other.
local function pack_lease(lease)
  return cmsgpack.pack({ lease.jobId, lease.index, lease.host, lease.scope, lease.taken, lease.expired, lease.started,
    lease.charge, lease.claimedAt, lease.isFirst or nil })
end
-- An earlier version has not kept when it was claimed.
local function unpack_lease(token, packed)
  local f = cmsgpack.unpack(packed)
  return { token = token, jobId = f[1], index = f[2], host = f[3], scope = f[4], taken = f[5], expired = f[6],
    started = f[7], charge = f[8], claimedAt = f[9] or false, isFirst = f[10] or false }
end
local packed_leases = {}
local function lease_of(token)
  if lease_cache[token] == nil then
    local packed = packed_leases[token]
    if packed == nil then packed = read('HGET', 'leases', whole(token)) end
    lease_cache[token] = packed and unpack_lease(token, packed) or false
  end
  return lease_cache[token]
end
-- Reads many at a time. Leases of uploads that were claimed together are alike but for their beginnings. Answers for each
-- that is of this upload, and was given out as one that was never claimed before, one that is like it; false else.
local function find_leases(tokens, job_ids, indexes)
  -- What a list of ten begins with.
  local LEASE_OF_TEN = '\154'
  local pack, find, fields, alike, by_tail, heads, tails = cmsgpack.pack, string.find, {}, {}, {}, {}, {}
  if #tokens == 0 then return alike end
  for at, token in ipairs(tokens) do fields[at] = whole(token) end
  -- Answers one that is alike; of each job the last tail is known, so that hardly any has to be cut off.
  local function like(packed, from, id, token)
    local tail = tails[id]
    if not (tail and #packed == from + #tail - 1 and find(packed, tail, from, true) == from) then
      tail = string.sub(packed, from)
      tails[id] = tail
    end
    by_tail[tail] = by_tail[tail] or unpack_lease(token, packed)
    return by_tail[tail]
  end
  for at, packed in ipairs(read('HMGET', 'leases', unpack(fields))) do
    local id, token = job_ids[at], tokens[at]
    packed_leases[token], alike[at] = packed, false
    local head, index = heads[id] or LEASE_OF_TEN .. pack(id), pack(indexes[at])
    heads[id] = head
    if packed and find(packed, head, 1, true) == 1 and find(packed, index, #head + 1, true) == #head + 1 then
      alike[at] = like(packed, #head + #index + 1, id, token)
    end
  end
  return alike
end
local function save_lease(lease)
  lease_cache[lease.token] = lease
  put('leases', whole(lease.token), pack_lease(lease))
end
-- Tokens grow with the time, and with every claim. A Redis that comes back without its last writes, or its replica, would
-- give out by count alone what somebody holds already.
local last_token
local function next_token()
  last_token = last_token or tonumber(meta.token or '0')
  last_token = math.max(last_token + 1, now() * 1000)
  return last_token
end
-- So many, one after another. Answers the first.
local function next_tokens(count)
  local first = next_token()
  last_token = first + count - 1
  return first
end
local function flush_tokens()
  if last_token then put('meta', 'token', whole(last_token)) end
end
local function forget_lease(lease)
  lease_cache[lease.token] = false
  local token = whole(lease.token)
  drop('leases', token)
  if lease.expired then redis.call('SREM', key('expired'), token) end
  unrank('deadlines:' .. lease.host, token)
end
-- Ends the store's side of a lease: what it had taken of the budget goes back, less what was sent.
local function close_lease(lease, posts)
  forget_lease(lease)
  give_back(lease.scope, { lease.token }, lease.taken, posts)
end
-- Whether a cancel has taken it away, of this job or of one that had the same id before.
local function is_cancelled(job, token)
  return token <= math.max(job.cancelToken, job.tokenBefore)
end
-- Whose upload a lease that somebody shows is by now: 'held', 'settled', or why it is lost; with the lease and record.
-- Raises an error when a key of its job is broken.
local function standing(job_id, index, token)
  local lease = lease_of(token)
  if lease and (lease.jobId ~= job_id or lease.index ~= index) then lease = false end
  local job = find_job(job_id)
  if not job or index >= job.total then return 'unknown', job, lease end
  local record = record_of(job, index)
  if lease then
    if is_cancelled(job, token) then return 'cancelled', job, lease, record end
    return 'held', job, lease, record
  end
  if record.settledToken == token then return 'settled', job, lease, record end
  if record.token > token then return 'replaced', job, lease, record end
  return record.cancelledToken == token and 'cancelled' or 'unknown', job, lease, record
end
-- A cancelled lease ends; `posted`: its holder may have stored the image all the same.
local function close_cancelled(job, lease, posts, posted)
  close_lease(lease, posts)
  if not (posted and job and lease.token > job.tokenBefore) then return end
  local record = touch(job, lease.index)
  if record.status == COMPLETE and not record.duplicated then
    job.duplicated = job.duplicated + 1
    count('possiblyDuplicated', 1)
  end
  record.duplicated = true
end
