-- Forgets what is over, in bounded steps inside other steps: jobs past their retention, submits that died half-way.
local SWEEP_JOBS, SWEEP_KEYS = 20, 200
local STAGED_KEPT_MS = 3600 * 1000

local function forget(id)
  local total = tonumber(redis.call('HGET', key('j:' .. id), 'total') or '0')
  local first = tonumber(redis.call('HGET', key('j:' .. id), 'againFirst') or '0')
  local last = tonumber(redis.call('HGET', key('j:' .. id), 'againLast') or '0')
  local keys = { key('j:' .. id) }
  for _, suffix in ipairs({ ':info', ':failed', ':expired', ':delayed', ':held', ':chosen', ':cut', ':hashes' }) do
    keys[#keys + 1] = key('j:' .. id .. suffix)
  end
  for part = first, math.min(last, first + 100) do keys[#keys + 1] = key('j:' .. id .. ':again:' .. whole(part)) end
  redis.call('UNLINK', unpack(keys))
  redis.call('ZREM', key('expiry'), id)
  redis.call('ZREM', key('jobs'), id)
  if total > 0 then redis.call('RPUSH', key('trash'), cmsgpack.pack({ id, math.ceil(total / 100) - 1 })) end
end
-- Takes away the lists of jobs that were forgotten, the last ones first.
local function empty_trash()
  local packed = redis.call('LPOP', key('trash'))
  if not packed then return end
  local entry = cmsgpack.unpack(packed)
  -- An id that is used again keeps the lists of its new job.
  local kept = math.ceil(tonumber(redis.call('HGET', key('j:' .. entry[1]), 'total') or '0') / 100)
  local keys = {}
  while entry[2] >= kept and #keys < SWEEP_KEYS do
    keys[#keys + 1] = key('j:' .. entry[1] .. ':r:' .. entry[2])
    if entry[2] % 10 == 0 then keys[#keys + 1] = key('j:' .. entry[1] .. ':u:' .. math.floor(entry[2] / 10)) end
    entry[2] = entry[2] - 1
  end
  if #keys > 0 then redis.call('UNLINK', unpack(keys)) end
  if entry[2] >= kept then redis.call('LPUSH', key('trash'), cmsgpack.pack(entry)) end
end
local function sweep()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('expiry'), '-inf', now(), 'LIMIT', 0, SWEEP_JOBS)) do forget(id) end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('staging'), '-inf', now() - STAGED_KEPT_MS, 'LIMIT', 0, 1)) do
    redis.call('ZREM', key('staging'), id)
    local total = tonumber(redis.call('HGET', key('staged'), id) or '0')
    redis.call('HDEL', key('staged'), id)
    if total > 0 then redis.call('RPUSH', key('trash'), cmsgpack.pack({ id, math.ceil(total / 100) - 1 })) end
  end
  empty_trash()
end
