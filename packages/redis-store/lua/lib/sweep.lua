-- Forgets what is over, in bounded steps inside other steps: jobs past their retention, submits that died half-way.
--
-- check_sweep(): refuses keys of another type. Before the first write of a step.
-- sweep(most): forgets so many jobs at most, and some of the lists in `trash`.
-- put_in_trash(id, last list, first part, last part): its lists from that one down and its parts
-- `:again:<n>` from the first to before the last go one sweep after the other.
local function check_sweep()
  require_types({ jobs = 'zset', expiry = 'zset', staging = 'zset', staged = 'hash', trash = 'list',
    pending = 'zset', ['in-progress'] = 'zset', failing = 'zset', ['paused-jobs'] = 'zset' })
end
-- Whether there is anything to forget.
local function is_anything_over()
  local is_over = read('ZCOUNT', 'expiry', '-inf', now()) + read('LLEN', 'trash') + read('ZCARD', 'staging') > 0
  if is_over then check_sweep() end
  return is_over
end
local function put_in_trash(id, list, part, parts)
  redis.call('RPUSH', key('trash'), cmsgpack.pack({ id, list, part, parts }))
end
local function facts_of(id)
  local facts = read('HMGET', 'j:' .. id, 'total', 'againFirst', 'againLast')
  for at = 1, 3 do facts[at] = tonumber(facts[at] or '0') or error({ err = 'ERR ' .. key('j:' .. id) .. ' has no numbers' }) end
  return unpack(facts)
end
-- Takes a job out of all lists of jobs.
local function take_off_lists(id)
  for _, name in ipairs({ 'expiry', 'jobs', 'pending', 'in-progress', 'failing', 'paused-jobs' }) do
    redis.call('ZREM', key(name), id)
  end
end
local function add_records(keys, id, list) keys[#keys + 1] = key('j:' .. id .. ':r:' .. list) end
local function keys_of(id)
  local JOB_SUFFIXES = {
    '', ':info', ':failed', ':expired', ':delayed', ':held', ':chosen', ':cut', ':hashes', ':picked', ':rest', ':choice',
  }
  local keys = {}
  for at, suffix in ipairs(JOB_SUFFIXES) do keys[at] = key('j:' .. id .. suffix) end
  return keys
end
local sweep
do
  local function add_lists(keys, id, list)
    add_records(keys, id, list)
    if list % 10 == 0 then keys[#keys + 1] = key('j:' .. id .. ':u:' .. math.floor(list / 10)) end
  end
  local function add_part(keys, id, part) keys[#keys + 1] = key('j:' .. id .. ':again:' .. whole(part)) end
  local function forget(id)
    local SMALL = 10
    local total, part, parts = facts_of(id)
    local lists, keys = math.ceil(total / 100), keys_of(id)
    if lists <= SMALL and parts - part <= SMALL then
      for list = 0, lists - 1 do add_lists(keys, id, list) end
      for each = part, parts - 1 do add_part(keys, id, each) end
    else put_in_trash(id, lists - 1, part, parts) end
    redis.call('UNLINK', unpack(keys))
    take_off_lists(id)
  end
  -- Takes away lists of what was forgotten, the last ones first, and parts.
  local function empty_trash()
    local SWEEP_KEYS = 200
    local packed = redis.call('LPOP', key('trash'))
    if not packed then return end
    local id, list, part, parts = unpack(cmsgpack.unpack(packed))
    local is_sound, total, first_part = pcall(facts_of, id)
    if not is_sound then return put_in_trash(id, list, part, parts) end
    -- An id that is used again keeps the lists of its new job, and a job the parts that it still has: what else is left of
    -- them goes when the job does.
    local kept = math.ceil(math.max(total, tonumber(redis.call('HGET', key('staged'), id) or '0')) / 100)
    local free_parts = redis.call('EXISTS', key('j:' .. id)) == 1 and math.min(parts, first_part) or parts
    local keys = {}
    while list >= kept and #keys < SWEEP_KEYS do
      add_lists(keys, id, list)
      list = list - 1
    end
    while part < free_parts and #keys < SWEEP_KEYS do
      add_part(keys, id, part)
      part = part + 1
    end
    if #keys > 0 then redis.call('UNLINK', unpack(keys)) end
    if list >= kept or part < free_parts then redis.call('LPUSH', key('trash'), cmsgpack.pack({ id, list, part, parts }))
    elseif part < parts then put_in_trash(id, -1, part, parts) end
  end
  sweep = function(most)
    local STAGED_KEPT_MS = 3600 * 1000
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('expiry'), '-inf', now(), 'LIMIT', 0, most)) do
      -- What a broken job has besides is not known, so it stays until it is repaired.
      if pcall(facts_of, id) then forget(id) else redis.call('ZADD', key('expiry'), whole(now() + ASIDE_MS), id) end
    end
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('staging'), '-inf', now() - STAGED_KEPT_MS, 'LIMIT', 0, 1)) do
      redis.call('ZREM', key('staging'), id)
      local total = tonumber(redis.call('HGET', key('staged'), id) or '0')
      redis.call('HDEL', key('staged'), id)
      if total > 0 then put_in_trash(id, math.ceil(total / 100) - 1, 0, 0) end
    end
    empty_trash()
  end
end
