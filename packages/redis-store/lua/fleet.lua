#!lua flags=no-writes
-- requires: clock, keys, workers
-- All workers that are known. Answers each { report (JSON), startedAt, lastBeatAt, offline }.
local answers = {}
local all = redis.call('ZRANGE', key('workers'), 0, -1, 'WITHSCORES')
for at = 1, #all, 2 do
  local beat_at = tonumber(all[at + 1])
  local known = redis.call('HMGET', key('worker:' .. all[at]), 'report', 'startedAt')
  if known[1] and not is_forgotten(beat_at) then
    answers[#answers + 1] = { known[1], tonumber(known[2]), beat_at, is_offline(all[at], beat_at) and 1 or 0 }
  end
end
return answers
