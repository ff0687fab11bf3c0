#!lua flags=no-writes
-- requires: clock, keys, workers
-- The workers that are known, some at a time. ARGV: cursor, '0' for the beginning and at the end, '1' or ''
-- for what they hold, the same for their settings
-- Answers { cursor, then each { report (JSON), startedAt, lastBeatAt, offline, holds (JSON) or '',
-- settings (JSON) or '' } }. A worker can come more than once. One
-- whose keys are broken is passed over.
local WORKERS_A_STEP = 100
-- Fields that there are, or none.
local HOLDS, SETTINGS = ARGV[2] == '1' and 'holds' or '', ARGV[3] == '1' and 'settings' or ''
local scanned = read('ZSCAN', 'workers', ARGV[1], 'COUNT', WORKERS_A_STEP)
local function answer_of(id, beat_at)
  local known = read('HMGET', 'worker:' .. id, 'report', 'startedAt', HOLDS, SETTINGS)
  if not known[1] or is_forgotten(beat_at) then return nil end
  return { known[1], tonumber(known[2]), beat_at, is_offline(id, beat_at) and 1 or 0,
    known[3] or '', known[4] or '' }
end
local answer, all = { scanned[1] }, scanned[2]
for at = 1, #all, 2 do
  local sound, worker = pcall(answer_of, all[at], tonumber(all[at + 1]))
  if sound and worker then answer[#answer + 1] = worker end
end
return answer
