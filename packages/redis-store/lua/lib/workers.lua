-- The fleet: a hash for each worker, and all of them by their last beat.
local MISSED_BEATS, FORGOTTEN_AFTER_MS, MAX_COMMANDS = 3, 600000, 100
local function drop_worker(id)
  redis.call('DEL', key('worker:' .. id), key('commands:' .. id))
  redis.call('ZREM', key('workers'), id)
end
local function forget_the_silent()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('workers'), '-inf', '(' .. whole(now() - FORGOTTEN_AFTER_MS), 'LIMIT', 0, 100)) do
    drop_worker(id)
  end
end
local function is_offline(id, last_beat)
  local every = tonumber(redis.call('HGET', key('worker:' .. id), 'everyMs') or '0')
  return now() - last_beat > MISSED_BEATS * every
end
local function is_forgotten(last_beat)
  return now() - last_beat > FORGOTTEN_AFTER_MS
end
