#!lua flags=allow-oom
-- requires: clock, keys, workers
-- Leaves a command for one worker or for all that are not offline. ARGV: worker id or '', command (JSON), request id
-- Answers for how many. A command that is sent again after a lost reply is not left twice.
require_type('workers', 'zset')
require_type('command:' .. ARGV[3], 'string')
local known = redis.call('GET', key('command:' .. ARGV[3]))
if known then return tonumber(known) end

local function is_there(id, last_beat)
  return last_beat and not is_forgotten(tonumber(last_beat)) and not is_offline(id, tonumber(last_beat))
end
local function workers_there()
  local found = {}
  if ARGV[1] ~= '' then
    return is_there(ARGV[1], redis.call('ZSCORE', key('workers'), ARGV[1])) and { ARGV[1] } or {}
  end
  local all = redis.call('ZRANGE', key('workers'), 0, -1, 'WITHSCORES')
  for at = 1, #all, 2 do
    if is_there(all[at], all[at + 1]) then found[#found + 1] = all[at] end
  end
  return found
end

local reached = workers_there()
for _, id in ipairs(reached) do
  require_type('worker:' .. id, 'hash')
  require_type('commands:' .. id, 'list')
end
for _, id in ipairs(reached) do
  local number = redis.call('HINCRBY', key('worker:' .. id), 'commands', 1)
  redis.call('RPUSH', key('commands:' .. id), number .. ' ' .. ARGV[2])
  redis.call('LTRIM', key('commands:' .. id), -MAX_COMMANDS, -1)
  redis.call('PEXPIRE', key('commands:' .. id), 2 * FORGOTTEN_AFTER_MS)
end
redis.call('SET', key('command:' .. ARGV[3]), #reached, 'PX', FORGOTTEN_AFTER_MS)
return #reached
