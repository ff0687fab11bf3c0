#!lua flags=no-writes
-- requires: clock, keys, workers
-- The workers that are known, some at a time. ARGV: cursor, '0' for the beginning and at the end, '1' or ''
-- for what they hold, the same for their settings
-- Answers { cursor, then each { report (JSON), startedAt, lastBeatAt, offline, holds (JSON) or '',
-- settings (JSON) or '' } }. A worker can come more than once. One
-- whose keys are broken is passed over.
local WORKERS_A_STEP = 100
local scanned = read('ZSCAN', 'workers', ARGV[1], 'COUNT', WORKERS_A_STEP)
local function answer_of(id, beat_at)
  local known = read('HMGET', 'worker:' .. id, 'report', 'startedAt')
  if not known[1] or is_forgotten(beat_at) then return nil end
  local function told(field, is_wanted) return is_wanted == '1' and read('HGET', 'worker:' .. id, field) or '' end
  return { known[1], tonumber(known[2]), beat_at, is_offline(id, beat_at) and 1 or 0,
    told('holds', ARGV[2]), told('settings', ARGV[3]) }
end
local answer, all = { scanned[1] }, scanned[2]
for at = 1, #all, 2 do
  local sound, worker = pcall(answer_of, all[at], tonumber(all[at + 1]))
  if sound and worker then answer[#answer + 1] = worker end
end
return answer
