#!lua flags=no-writes
-- requires: clock, keys
-- Looks for strangers among the jobs of a list, some at a time.
-- ARGV: a list, cursor, '0' for the beginning and at the end. Answers { cursor, sentences }.
local JOBS_A_STEP = 100
local where = ARGV[1]
local NAMES = { expiry = 'finished', ['paused-jobs'] = 'paused' }
if not pcall(require_types, { jobs = 'zset', [where] = 'zset' }) then return { '0', {} } end
local scanned = redis.call('ZSCAN', key(where), ARGV[2], 'COUNT', JOBS_A_STEP)
local said = {}
for at = 1, #scanned[2], 2 do
  local id = scanned[2][at]
  if not redis.call('ZSCORE', key('jobs'), id) then
    said[#said + 1] = 'job ' .. id .. ': it is among the ' .. (NAMES[where] or where) .. ' jobs and in no list'
  end
end
return { scanned[1], said }
