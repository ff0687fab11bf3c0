#!lua flags=no-writes
-- requires: clock, keys
-- What a check of the whole needs. ARGV: position after which to begin, how many jobs at most
-- Answers { seen or nothing, position of the last, job ids, sentences about keys that are broken }. `seen` is { waiting,
-- claimed, jobsFinished, last token }: who finds it the same twice knows that nothing moved in between, as no upload stops
-- waiting but by a claim or a cancel.
local MOST_WORKERS = 1000
local broken = {}
local function look_at(suffix, wanted)
  local sound, caught = pcall(require_type, suffix, wanted)
  if not sound then broken[#broken + 1] = reason_of(caught) end
end
for suffix, wanted in pairs({
  meta = 'hash', totals = 'hash', minutes = 'hash', jobs = 'zset', live = 'zset', expiry = 'zset', leases = 'hash',
  links = 'list', events = 'stream', pauses = 'hash', paused = 'set', delaying = 'set', staging = 'zset', staged = 'hash',
  workers = 'zset', trash = 'list',
}) do look_at(suffix, wanted) end
for _, id in ipairs(sound_keys.workers and redis.call('ZRANGE', key('workers'), 0, MOST_WORKERS - 1) or {}) do
  look_at('worker:' .. id, 'hash')
  look_at('commands:' .. id, 'list')
end
table.sort(broken)
local found = sound_keys.jobs and redis.call('ZRANGE', key('jobs'), '(' .. ARGV[1], '+inf', 'BYSCORE',
  'LIMIT', 0, ARGV[2], 'WITHSCORES') or {}
local ids = {}
for at = 1, #found, 2 do ids[#ids + 1] = found[at] end
local seen = {}
if sound_keys.totals and sound_keys.meta then
  seen = redis.call('HMGET', key('totals'), 'waiting', 'claimed', 'jobsFinished')
  seen[#seen + 1] = redis.call('HGET', key('meta'), 'token')
end
return { seen, found[#found] or ARGV[1], ids, broken }
