-- What the host still allows: a hash for each bucket, read once in a step and written back once at its end.
--
-- While a bucket is unknown, probes go in rounds: `probes` of them until `probeEndsAt`, `probesLeft` of which have not
-- gone yet. `probeToken` is the token of the first, 0 when there is no round. A hash that was written when a round was
-- one probe has neither number.
--
-- What is told and what is charged are counted apart: `told` is the least that a reply of the window told, `own` what its
-- first reply told, less all that was charged since. `remaining` is the smaller. So no POST counts twice because its reply was
-- overtaken, and none is forgotten because its reply was lost. An earlier version knows but `remaining`: where that is not
-- the smaller of the two, it holds for both.
local bucket_of, check_scope, readable_of, is_unknown, allowed_by, allowance, pause_of, note_outlooks, is_news, tell_pause
local take_budget, give_back, observe, flush_budget, check_reading
do
  local PROBE_MS, MOST_PROBES = 2000, 16
  local BUCKET_KEPT_MS = 7 * 24 * 3600 * 1000
  local buckets = {}
  local told_pauses = {}

  bucket_of = function(name)
    local bucket = buckets[name]
    if bucket then return bucket end
    local f = read('HMGET', 'bucket:' .. name,
      'inFlight', 'window', 'remaining', 'limit', 'resetAt', 'reason', 'probeToken', 'probeEndsAt',
      'probes', 'probesLeft', 'told', 'own')
    bucket = {
      name = name, inFlight = tonumber(f[1] or '0'), window = f[2] or '', remaining = tonumber(f[3] or '0'),
      limit = tonumber(f[4] or '-1'), resetAt = tonumber(f[5] or '0'), reason = f[6] or '',
      probeToken = tonumber(f[7] or '0'), probeEndsAt = tonumber(f[8] or '0'),
      probes = tonumber(f[9] or '1'), probesLeft = tonumber(f[10] or '0'), is_new = not f[1],
    }
    bucket.told, bucket.own = tonumber(f[11] or '0'), tonumber(f[12] or '0')
    if math.min(bucket.told, bucket.own) ~= bucket.remaining then
      bucket.told, bucket.own = bucket.remaining, bucket.remaining
    end
    bucket.reset_was = bucket.resetAt
    buckets[name] = bucket
    return bucket
  end
  -- What was last told of a scope: '+' or '-' for whether it is paused, and a host; false when nothing was.
  local function told_pause(scope)
    local name = table.concat(scope, '\n')
    if told_pauses[name] == nil then told_pauses[name] = read('HGET', 'pauses', name) end
    return told_pauses[name]
  end
  -- Raises an error when a bucket of a scope, or what is told of it, is broken.
  check_scope = function(scope)
    for _, name in ipairs(scope) do bucket_of(name) end
    if #scope > 0 then told_pause(scope) end
  end
  check_reading = function(reading)
    check_scope(reading.scope)
    require_type('buckets', 'zset')
    for _, each in ipairs(reading.buckets) do
      require_number('remaining', each.remaining)
      require_number('resetInMs', each.resetInMs)
      if each.limit ~= nil then require_number('limit', each.limit) end
      if each.reason ~= nil then require_text('reason', each.reason) end
      bucket_of(each.bucket)
    end
  end
  -- Those that have all their numbers and of which no bucket is broken.
  readable_of = function(readings)
    local readable = {}
    for _, reading in ipairs(readings) do
      if pcall(check_reading, reading) then readable[#readable + 1] = reading end
    end
    return readable
  end
  -- Nothing has been read of it, or its window has ended.
  is_unknown = function(bucket)
    if bucket.window == 'limited' and bucket.resetAt <= now() then
      bucket.window = ''
      bucket.limit = -1
      bucket.reason = ''
    end
    return bucket.window == ''
  end
  -- Nothing of earlier rounds counts any more: for the length of one nobody was out to learn anything.
  local function probes_are_over(bucket)
    return bucket.probeToken == 0 or (bucket.inFlight == 0 and bucket.probeEndsAt + PROBE_MS <= now())
  end
  -- Each round has twice as many as the one before, so that slow sources do not hold up a fleet for longer than they are
  -- many.
  local function next_probes(bucket)
    return probes_are_over(bucket) and 1 or math.min(MOST_PROBES, 2 * bucket.probes)
  end
  local function is_round_open(bucket)
    return bucket.probeToken > 0 and bucket.probeEndsAt > now()
  end
  -- How many more uploads may be claimed; one that is unknown lets probes go. nil: without a limit.
  allowed_by = function(bucket)
    if is_unknown(bucket) then return is_round_open(bucket) and bucket.probesLeft or next_probes(bucket) end
    if bucket.window ~= 'limited' then return nil end
    return math.max(0, bucket.remaining - bucket.inFlight)
  end
  local function free_at(bucket)
    local allowed = allowed_by(bucket)
    if allowed == nil or allowed > 0 then return now() end
    if bucket.window == 'limited' then return bucket.resetAt end
    return bucket.probeToken > 0 and bucket.probeEndsAt or now()
  end
  -- In the tightest bucket of a scope: how many (nil: no limit), and when there are more.
  allowance = function(scope)
    local count, free = nil, now()
    for _, name in ipairs(scope) do
      local bucket = bucket_of(name)
      local allowed = allowed_by(bucket)
      if allowed ~= nil then count = math.min(count or allowed, allowed) end
      free = math.max(free, free_at(bucket))
    end
    return count, free
  end
  -- The pause that lasts longest, while the host itself allows nothing.
  pause_of = function(scope)
    local for_ms, reason = 0, nil
    for _, name in ipairs(scope) do
      local bucket = bucket_of(name)
      if not is_unknown(bucket) and bucket.window == 'limited' and bucket.remaining <= 0
        and bucket.resetAt - now() > for_ms then
        for_ms = bucket.resetAt - now()
        reason = bucket.reason ~= '' and bucket.reason or 'exhausted'
      end
    end
    return for_ms, reason
  end
  -- What those who wait for a bucket want to know, in whatever scope they do. Asked before a step changes anything, and
  -- again when it has: news is that uploads may be claimed that could not before, and that a pause began or ended. Most of
  -- what a host tells is none.
  local outlooks = {}
  local function outlook_of(name)
    local allowed = allowed_by(bucket_of(name))
    return { is_open = allowed == nil or allowed > 0, is_paused = pause_of({ name }) > 0 }
  end
  note_outlooks = function(readings)
    for _, reading in ipairs(readings) do
      for _, name in ipairs(reading.scope) do outlooks[name] = outlooks[name] or outlook_of(name) end
      for _, each in ipairs(reading.buckets) do outlooks[each.bucket] = outlooks[each.bucket] or outlook_of(each.bucket) end
    end
  end
  is_news = function()
    for name, before in pairs(outlooks) do
      local after = outlook_of(name)
      if after.is_open and not before.is_open or after.is_paused ~= before.is_paused then return true end
    end
    return false
  end
  local function keep_pause(name, known, for_ms)
    redis.call('HSET', key('pauses'), name, known)
    redis.call('PEXPIRE', key('pauses'), whole(for_ms + BUCKET_KEPT_MS))
  end
  -- Tells host:paused and host:resumed once each, when the first step after the change notices it.
  tell_pause = function(scope, host)
    if #scope == 0 then return end
    local name, known = table.concat(scope, '\n'), told_pause(scope)
    local known_host = known and string.sub(known, 2)
    if host and known_host ~= host then
      known, known_host = '-' .. host, host
      keep_pause(name, known, 0)
    end
    if not known then return end
    local for_ms, reason = pause_of(scope)
    local paused = reason ~= nil
    if (string.sub(known, 1, 1) == '+') ~= paused then
      known = (paused and '+' or '-') .. known_host
      keep_pause(name, known, for_ms)
      tell(paused and { type = 'host:paused', host = known_host, reason = reason, forMs = for_ms }
        or { type = 'host:resumed', host = known_host })
    end
    told_pauses[name] = known
  end
  local function take_probe(bucket, token)
    if not is_round_open(bucket) then
      bucket.probes = next_probes(bucket)
      bucket.probesLeft = bucket.probes
      bucket.probeToken = token
      bucket.probeEndsAt = now() + PROBE_MS
    end
    bucket.probesLeft = bucket.probesLeft - 1
  end
  -- For so many uploads, with this token and those that follow it.
  take_budget = function(scope, token, uploads)
    for _, name in ipairs(scope) do
      local bucket = bucket_of(name)
      if is_unknown(bucket) then
        for _ = 1, uploads do take_probe(bucket, token) end
      end
      bucket.inFlight = bucket.inFlight + uploads
    end
  end
  -- What claims took comes back, less what was really sent. A probe of this round that told nothing makes way for the
  -- next. A bucket that is broken keeps no outcome from being recorded.
  local function sound_bucket(name)
    local is_sound, bucket = pcall(bucket_of, name)
    return is_sound and bucket or nil
  end
  give_back = function(scope, tokens, taken, posts)
    for _, name in ipairs(scope) do
      local bucket = buckets[name] or sound_bucket(name)
      if bucket then
        bucket.inFlight = math.max(0, bucket.inFlight - taken)
        if not is_unknown(bucket) and bucket.window == 'limited' then
          bucket.own = math.max(0, bucket.own - posts)
          bucket.remaining = math.min(bucket.told, bucket.own)
        end
        if bucket.probeToken > 0 then
          for _, token in ipairs(tokens) do
            if token >= bucket.probeToken then bucket.probesLeft = bucket.probesLeft + 1 end
          end
        end
      end
    end
  end
  local function read_bucket(bucket, reading)
    local told = math.max(0, math.floor(reading.remaining))
    local reset_at = now() + math.ceil(reading.resetInMs)
    local known = not is_unknown(bucket) and bucket.window == 'limited'
    bucket.probeToken = 0
    -- What is in flight may be counted in it, and will be charged. What else is missing somebody else has taken.
    bucket.own = known and math.min(bucket.own, told + bucket.inFlight) or told
    if known and (bucket.told < told or (bucket.told == told and bucket.resetAt > reset_at)) then
      bucket.remaining = math.min(bucket.told, bucket.own)
      return
    end
    bucket.window = 'limited'
    bucket.is_told = true
    bucket.told, bucket.remaining = told, math.min(told, bucket.own)
    bucket.resetAt = reset_at
    bucket.limit = reading.limit or (known and bucket.limit) or -1
    bucket.reason = reading.reason or ''
  end
  -- Takes over what replies told, after what was sent for them has been charged: they have counted it already.
  observe = function(readings)
    for _, reading in ipairs(readings) do
      local told = {}
      for _, each in ipairs(reading.buckets) do
        told[each.bucket] = true
        read_bucket(bucket_of(each.bucket), each)
      end
      for _, name in ipairs(reading.scope) do
        local bucket = bucket_of(name)
        if not told[name] and is_unknown(bucket) then
          bucket.probeToken = 0
          bucket.window = 'unlimited'
        end
      end
      tell_pause(reading.scope)
    end
  end
  flush_budget = function()
    -- Replies tell of the same end of a window a little differently each time, which matters for no expiry.
    local SAME_RESET_MS = 1000
    -- Which buckets are known, by when they are full again. That changes with what is told of them alone.
    local function keep_name(bucket, has_moved)
      redis.call('ZADD', key('buckets'), whole(bucket.resetAt), bucket.name)
      if not has_moved then return end
      redis.call('ZREMRANGEBYSCORE', key('buckets'), '-inf', whole(now()))
      local latest = redis.call('ZRANGE', key('buckets'), -1, -1, 'WITHSCORES')[2]
      redis.call('PEXPIRE', key('buckets'), whole(tonumber(latest) - now() + BUCKET_KEPT_MS))
    end
    for name, bucket in pairs(buckets) do
      local where = key('bucket:' .. name)
      if is_unknown(bucket) and bucket.inFlight == 0 and probes_are_over(bucket) then
        redis.call('DEL', where)
      else
        redis.call('HSET', where, 'inFlight', whole(bucket.inFlight), 'window', bucket.window,
          'remaining', whole(bucket.remaining), 'limit', whole(bucket.limit), 'resetAt', whole(bucket.resetAt),
          'reason', bucket.reason, 'probeToken', whole(bucket.probeToken), 'probeEndsAt', whole(bucket.probeEndsAt),
          'probes', whole(bucket.probes), 'probesLeft', whole(bucket.probesLeft),
          'told', whole(bucket.told), 'own', whole(bucket.own))
        local has_moved = bucket.is_new or math.abs(bucket.resetAt - bucket.reset_was) >= SAME_RESET_MS
        if has_moved then redis.call('PEXPIRE', where, whole(math.max(0, bucket.resetAt - now()) + BUCKET_KEPT_MS)) end
        if bucket.is_told and (has_moved or bucket.resetAt ~= bucket.reset_was) then keep_name(bucket, has_moved) end
      end
    end
  end
end
