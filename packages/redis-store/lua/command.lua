#!lua
-- requires: clock, keys, workers
-- Leaves a command for one worker or for all that are not offline. ARGV: worker id or '', command (JSON), request id
-- Answers for how many.
require_type('workers', 'zset')
local all = redis.call('ZRANGE', key('workers'), 0, -1, 'WITHSCORES')
local reached = 0
for at = 1, #all, 2 do
  local id, beat_at = all[at], tonumber(all[at + 1])
  if (ARGV[1] == '' or ARGV[1] == id) and not is_forgotten(beat_at) and not is_offline(id, beat_at) then
    reached = reached + 1
    -- A command that is sent again after a lost reply is not left twice.
    if redis.call('HGET', key('worker:' .. id), 'commanded') ~= ARGV[3] then
      redis.call('HSET', key('worker:' .. id), 'commanded', ARGV[3])
      redis.call('RPUSH', key('commands:' .. id), ARGV[2])
      redis.call('LTRIM', key('commands:' .. id), -MAX_COMMANDS, -1)
    end
  end
end
return reached
