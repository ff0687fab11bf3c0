#!lua flags=no-writes
-- requires: clock, keys
-- What a check of the whole needs. ARGV: position after which to begin, how many jobs at most
-- Answers { seen or nothing, position of the last, job ids, sentences about what is broken or does not agree }. `seen` is
-- { waiting, claimed, delayed, jobsFinished, last token, leases, leases that ran out and are nobody's yet }: who finds it
-- the same twice knows that nothing moved in between, as no upload stops waiting but by a claim or a cancel, and no lease
-- comes but by a claim.
local MOST_WORKERS = 1000
local broken = {}
local function look_at(suffix, wanted)
  local sound, caught = pcall(require_type, suffix, wanted)
  if not sound then broken[#broken + 1] = reason_of(caught) end
end
for suffix, wanted in pairs({
  outcomes = 'hash', durations = 'hash', failures = 'list',
  meta = 'hash', totals = 'hash', minutes = 'hash', jobs = 'zset', live = 'zset', expiry = 'zset', leases = 'hash',
  links = 'list', events = 'stream', pauses = 'hash', paused = 'set', delaying = 'zset', expired = 'set', hosts = 'set',
  staging = 'zset', staged = 'hash',
  steered = 'list', workers = 'zset', trash = 'list', pending = 'zset', ['in-progress'] = 'zset',
  failing = 'zset', ['paused-jobs'] = 'zset', buckets = 'zset',
}) do look_at(suffix, wanted) end
for _, id in ipairs(sound_keys.workers and redis.call('ZRANGE', key('workers'), 0, MOST_WORKERS - 1) or {}) do
  look_at('worker:' .. id, 'hash')
  look_at('commands:' .. id, 'list')
end
table.sort(broken)
local function compare_links()
  local complete = tonumber(redis.call('HGET', key('totals'), 'uploadsComplete') or '0')
  local recorded = redis.call('LLEN', key('links')) + tonumber(redis.call('HGET', key('meta'), 'linksDropped') or '0')
  if complete == recorded then return end
  broken[#broken + 1] = 'the store counts ' .. whole(complete) .. ' complete and has recorded ' .. whole(recorded) .. ' links'
end
if sound_keys.totals and sound_keys.meta and sound_keys.links then compare_links() end
-- What an earlier version has counted is in the totals alone.
local function compare_outcomes()
  local sums = { complete = 0, failed = 0 }
  local found = redis.call('HGETALL', key('outcomes'))
  for at = 1, #found, 2 do
    local ended = string.find(found[at], '^complete ') and 'complete' or 'failed'
    sums[ended] = sums[ended] + tonumber(found[at + 1])
  end
  for ended, field in pairs({ complete = 'uploadsComplete', failed = 'uploadsFailed' }) do
    local total = tonumber(redis.call('HGET', key('totals'), field) or '0')
    if sums[ended] > total then
      broken[#broken + 1] = 'the store counts ' .. whole(total) .. ' ' .. ended .. ' and ' .. whole(sums[ended]) .. ' by their hosts'
    end
  end
end
if sound_keys.totals and sound_keys.outcomes then compare_outcomes() end
local found = sound_keys.jobs and redis.call('ZRANGE', key('jobs'), '(' .. ARGV[1], '+inf', 'BYSCORE',
  'LIMIT', 0, ARGV[2], 'WITHSCORES') or {}
local ids = {}
for at = 1, #found, 2 do ids[#ids + 1] = found[at] end
local seen = {}
if sound_keys.totals and sound_keys.meta and sound_keys.leases and sound_keys.expired then
  seen = redis.call('HMGET', key('totals'), 'waiting', 'claimed', 'delayed', 'jobsFinished')
  seen[#seen + 1] = redis.call('HGET', key('meta'), 'token')
  seen[#seen + 1] = redis.call('HLEN', key('leases'))
  seen[#seen + 1] = redis.call('SCARD', key('expired'))
end
return { seen, found[#found] or ARGV[1], ids, broken }
