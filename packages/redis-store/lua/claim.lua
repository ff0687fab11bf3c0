#!lua
-- requires: clock, keys, writes, checks, totals, minutes, events, jobs, packing, marks, records, budget, leases, queue, runs, failures, sweep
-- Takes uploads that may run now.
-- ARGV: host, limit, leaseMs, scope (JSON), request slot, request number, retentionMs, maxEvents, shortest turn
-- Answers: runs of leases, see `runs`; when to look again in ms or -1; ended uploads, each { jobId, index, url, attempt,
-- code, message, job if it was the last of it }; what was passed over, each { jobId, why }; the jobs of the leases, each
-- { id, info }.
local host, limit, lease_ms, scope = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), cjson.decode(ARGV[4])
local slot, number = 'claims:' .. ARGV[5], ARGV[6]
retention_ms, max_events = tonumber(ARGV[7]), tonumber(ARGV[8])
local shortest_turn = tonumber(ARGV[9] or '1')
local DUE_LIMIT = 100

local passed_over = {}
-- Reads what is needed of a job before the first write for it. A job that can not be read is passed over, so that it
-- stops nobody else.
local function is_sound(id, look, ...)
  local sound, first, second, third = pcall(look, ...)
  if not sound then passed_over[#passed_over + 1] = { id, reason_of(first) } end
  return sound, first, second, third
end
local told_jobs = {}
local function place_of(job)
  if not job.place then
    told_jobs[#told_jobs + 1] = { job.id, info_of(job) }
    job.place = #told_jobs - 1
  end
  return job.place
end
local function describe(job, lease)
  local record = record_of(job, lease.index)
  return { place_of(job), lease.index, lease.token, record.attempts, record.expiries, lease.started and 1 or 0,
    record.duplicated and 1 or 0, record.attempts - record.attemptsBefore, url_of(job, lease.index) }
end
-- The answer of this request was lost: it is given again, for what is still held of it.
local function describe_again(lease)
  local job = find_job(lease.jobId)
  return job and not lease.expired and not is_cancelled(job, lease.token) and describe(job, lease)
end
local function answer_again(known)
  local answer = {}
  for token = known[2], known[3] do
    local lease, sound, described = lease_of(token), true, nil
    if lease then sound, described = is_sound(lease.jobId, describe_again, lease) end
    if sound and described then
      add_lease(answer, described)
      rank('deadlines:' .. host, whole(token), whole(now() + lease_ms))
    end
  end
  flush_writes()
  return { answer, 1, known[4], passed_over, told_jobs }
end
local sort_expired
do
  local function end_poisoned(job, lease)
    local record = take_over(job, lease)
    record.token = next_token()
    record.settledToken, record.finished = 0, 0
    fail_record(record, POISON, now())
    move(job, 'claimed', 'failed', 1)
    upload_failed(job, lease.index, POISON)
    local finished = finish_if_done(job)
    if not finished then place(job) end
    return { job.id, lease.index, url_of(job, lease.index), record.attempts, POISON[1], POISON[2], finished and answer_job(job) }
  end
  local function look_at_expired(lease)
    local job = job_to_change(lease.jobId)
    if not job then return end
    local is_poison = record_of(job, lease.index).expiries + 1 >= MAX_EXPIRIES
    if is_poison then url_of(job, lease.index) end
    return job, is_poison
  end
  local function sort_one(lease, job, is_poison, ended)
    if not job or is_cancelled(job, lease.token) then close_cancelled(job, lease, lease.taken, true)
    elseif is_poison then ended[#ended + 1] = end_poisoned(job, lease)
    else
      lease.expired = true
      save_lease(lease)
      redis.call('SADD', key('expired'), whole(lease.token))
      redis.call('RPUSH', job_key(job, ':expired'), whole(lease.token))
      job.has_no_expired = false
      place(job)
    end
  end
  sort_expired = function()
    local ended = {}
    local due = read('ZRANGEBYSCORE', 'deadlines:' .. host, '-inf', now(), 'LIMIT', 0, DUE_LIMIT)
    if #due > 0 then
      require_host(host)
      require_types({ live = 'zset', expiry = 'zset' })
      check_minutes() check_failures()
    end
    for _, token in ipairs(due) do
      local lease = lease_of(tonumber(token))
      local sound, job, is_poison = true, nil, false
      if lease then sound, job, is_poison = is_sound(lease.jobId, look_at_expired, lease) end
      if sound then
        unrank('deadlines:' .. host, token)
        if lease then sort_one(lease, job, is_poison, ended) end
      else rank('deadlines:' .. host, token, whole(now() + ASIDE_MS)) end
    end
    return ended
  end
end
local function place_delayed()
  local due = read('ZRANGEBYSCORE', 'delayed:' .. host, '-inf', now(), 'LIMIT', 0, DUE_LIMIT)
  if #due > 0 then require_host(host) end
  for _, id in ipairs(due) do
    local sound, job = is_sound(id, job_to_change, id)
    if not sound then put_aside(host, id)
    elseif job then place(job)
    else unrank('delayed:' .. host, id) end
  end
end
-- Goes round the jobs until there are enough, and shares what is left anew each time it has been round.
local take_turns
do
  local runs, taken = {}, 0
  local function new_lease(job, index, count)
    local lease = { token = next_tokens(count), jobId = job.id, index = index, host = host, scope = scope, taken = 1,
      expired = false, started = job.startedAt == 0, charge = '', claimedAt = now() }
    take_budget(scope, lease.token, count)
    taken = taken + count
    if lease.started then
      job.startedAt = now()
      tell({ type = 'job:started', jobId = job.id })
    end
    return lease
  end
  local function lend(job, index)
    local lease, record = new_lease(job, index, 1), touch(job, index)
    if record.status == WAITING then move(job, 'waiting', 'claimed', 1) end
    record.status, record.token, record.attempts = CLAIMED, lease.token, record.attempts + 1
    if record.startedAt == 0 then record.startedAt = now() end
    save_lease(lease)
    rank('deadlines:' .. host, whole(lease.token), whole(now() + lease_ms))
    rank('j:' .. job.id .. ':held', index, whole(lease.token))
    add_lease(runs, describe(job, lease))
  end
  local function lend_many(job, count)
    local lease = new_lease(job, job.next, count)
    local run = { place_of(job), lease.index, lease.token, 1, 0, lease.started and 1 or 0, 0, 1 }
    for index = lease.index, lease.index + count - 1 do run[#run + 1] = url_of(job, index) end
    runs[#runs + 1] = run
    lend_run(job, count, lease, lease_ms)
  end
  -- Answers how many that never ran come next; else which one, how it is taken, and its lease that ran out.
  local function look_at_next(job, most)
    local index, take, expired = next_of(job)
    if not index then return 0 end
    info_of(job)
    local count = take == take_next and look_at_run(job, most) or 0
    if count > 0 then return count end
    record_of(job, index) url_of(job, index)
    return 0, { index, take, expired }
  end
  -- An even share of what is left of the claim, rounded down: the turns of one round then never exceed what is left, so
  -- the limit cuts none short, and what no even share can be made of goes to the next jobs one by one. The shortest turn
  -- that was asked for may be longer; the limit then cuts the last one short.
  local function length_of_turn(left, jobs)
    local LONGEST_TURN = 16
    return math.min(LONGEST_TURN, left, math.max(shortest_turn, math.floor(left / jobs)))
  end
  -- What a turn will mostly need.
  local function read_ahead(job, turn)
    local first, last, indexes = job.next, math.min(job.next + turn, job.total) - 1, {}
    if last < first then return end
    for index = first, last do indexes[#indexes + 1] = index end
    if job.marks > 0 then find_records(job, indexes) end
    find_urls(job, indexes)
  end
  local function job_to_claim(id)
    local job = find_job(id)
    -- Neither is it claimed when its outcome could not be kept. What else it has is read.
    if job then
      require_types({ ['j:' .. id .. ':held'] = 'zset', ['j:' .. id .. ':failed'] = 'list', ['j:' .. id .. ':hashes'] = 'list' })
    end
    return job
  end
  -- Answers whether there is more to take of it.
  local function take_turn(id, turn)
    local sound, job = is_sound(id, job_to_claim, id)
    if sound and not job then return unrank('round:' .. host, id) end
    if sound then
      job.is_in_round = true
      -- What it can not read is found, and told of, by the look at each that is broken.
      pcall(read_ahead, job, turn)
    end
    local until_taken, count, one = taken + turn, 0, nil
    while sound and taken < until_taken do
      sound, count, one = is_sound(id, look_at_next, job, until_taken - taken)
      if not sound or count == 0 and not one then break end
      if one then
        local index, take, expired = unpack(one)
        -- What is taken out at once must not be lost to a key that stops what is gathered.
        if take ~= take_next then
          require_host(host)
          require_types({ live = 'zset', expiry = 'zset' })
        end
        take(job)
        if expired then take_over(job, expired) end
        lend(job, index)
      else lend_many(job, count) end
    end
    if sound then return place(job, true) end
    put_aside(host, id)
  end
  -- The next jobs whose turn it is, then those that this step has brought in.
  local looked_at = 0
  local function next_jobs(count)
    local ids = read('ZRANGE', 'round:' .. host, looked_at, looked_at + count - 1)
    looked_at = looked_at + #ids
    if #ids == count then return ids end
    local known = {}
    for _, id in ipairs(ids) do known[id] = true end
    while #entered > 0 do
      local id = table.remove(entered, 1)
      if not known[id] then ids[#ids + 1] = id end
    end
    return ids
  end
  take_turns = function(most)
    if most < 1 then return runs end
    local ids = next_jobs(most)
    while taken < most and #ids > 0 do
      local turn, more = length_of_turn(most - taken, #ids), {}
      for _, id in ipairs(ids) do
        if taken == most then break end
        if take_turn(id, math.min(turn, most - taken)) then more[#more + 1] = id end
      end
      ids = more
      -- Those that came first may have had nothing: broken, or gone.
      if taken < most and #ids == 0 and looked_at < most + DUE_LIMIT then ids = next_jobs(DUE_LIMIT) end
    end
    return runs
  end
end

require_number('limit', limit) require_number('leaseMs', lease_ms)
local function claim()
  local MOST_LEASES, MOST_SWEPT, ANSWER_KEPT_MS = 2000, 20, 600000
  -- What was given and not heard of is held, also while nothing more is given.
  local known = read('GET', slot)
  known = known and cmsgpack.unpack(known)
  local is_asked_again = known and known[1] == number
  if is_paused(host) and not is_asked_again then return { {}, -1, {}, {}, {} } end
  require_types({ meta = 'hash', leases = 'hash' })
  check_scope(scope) check_totals() check_events()
  if is_asked_again then return answer_again(known) end
  local ended = sort_expired()
  place_delayed()
  tell_pause(scope, host)
  local allowed = allowance(scope)
  local runs = take_turns(math.min(limit, allowed or limit, MOST_LEASES))
  flush_tokens() flush_records() flush_jobs() flush_totals() flush_minutes() flush_writes()
  flush_budget() flush_failures() flush_events()
  if #runs > 0 or #ended > 0 then
    local first, last = runs[1] and runs[1][3] or 1, runs[1] and last_token or 0
    redis.call('SET', key(slot), cmsgpack.pack({ number, first, last, ended }), 'PX', ANSWER_KEPT_MS)
  end
  local sound, is_over = is_sound('', is_anything_over)
  if sound and is_over then sweep(MOST_SWEPT) end
  local wait_ms = next_in(host, scope)
  return { runs, wait_ms and math.max(1, math.ceil(wait_ms)) or -1, ended, passed_over, told_jobs }
end
return claim()
