#!lua flags=allow-oom
-- requires: clock, keys, workers
-- Leaves a command for workers, as far as they are not offline. ARGV: command (JSON), request id, their ids, at most 100
-- Answers for how many. A command that is sent again after a lost reply is not left twice. A worker whose keys are broken
-- is passed over unless it is the only one.
--
-- Numbers grow with the time. A Redis that comes back without its last writes would by count alone give one out again,
-- and the receipt of the command that had it first would confirm the new one unheard.
local command, request = ARGV[1], 'command:' .. ARGV[2]
local known = read('GET', request)
if known then return tonumber(known) end

local function is_there(id, last_beat)
  return last_beat and not is_forgotten(tonumber(last_beat)) and not is_offline(id, tonumber(last_beat))
end
local function look_at(id)
  local last_beat = read('ZSCORE', 'workers', id)
  require_types({ ['worker:' .. id] = 'hash', ['commands:' .. id] = 'list' })
  return is_there(id, last_beat)
end
local reached = {}
for at = 3, #ARGV do
  local sound, there = pcall(look_at, ARGV[at])
  if not sound and #ARGV == 3 then error(there) end
  if sound and there then reached[#reached + 1] = ARGV[at] end
end
for _, id in ipairs(reached) do
  local last = tonumber(redis.call('HGET', key('worker:' .. id), 'commands') or '0') or 0
  local number = whole(math.max(last + 1, now()))
  redis.call('HSET', key('worker:' .. id), 'commands', number)
  redis.call('RPUSH', key('commands:' .. id), number .. ' ' .. command)
  redis.call('LTRIM', key('commands:' .. id), -MAX_COMMANDS, -1)
  redis.call('PEXPIRE', key('commands:' .. id), 2 * FORGOTTEN_AFTER_MS)
end
redis.call('SET', key(request), #reached, 'PX', FORGOTTEN_AFTER_MS)
return #reached
