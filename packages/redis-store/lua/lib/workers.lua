-- The fleet: a hash for each worker (report, holds, settings, everyMs, startedAt, session, handed, commands), the commands that it has
-- not confirmed yet, each as '<number> <JSON>', and all workers by their last beat.
--
-- drop_worker(id), forget_the_silent(): write. is_offline(id, last_beat), is_forgotten(last_beat): read.
-- keep_worker(id): has its keys go away by themselves when nobody beats any more who would forget it.
local MISSED_BEATS, FORGOTTEN_AFTER_MS, MAX_COMMANDS, MOST_FORGOTTEN = 3, 600000, 100, 100
local function drop_worker(id)
  redis.call('DEL', key('worker:' .. id), key('commands:' .. id))
  redis.call('ZREM', key('workers'), id)
end
local function forget_the_silent()
  local before = '(' .. whole(now() - FORGOTTEN_AFTER_MS)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('workers'), '-inf', before, 'LIMIT', 0, MOST_FORGOTTEN)) do
    drop_worker(id)
  end
end
local function keep_worker(id)
  for _, suffix in ipairs({ 'workers', 'worker:' .. id, 'commands:' .. id }) do
    redis.call('PEXPIRE', key(suffix), 2 * FORGOTTEN_AFTER_MS)
  end
end
local function is_offline(id, last_beat)
  local every = tonumber(read('HGET', 'worker:' .. id, 'everyMs') or '0')
  return now() - last_beat > MISSED_BEATS * every
end
local function is_forgotten(last_beat)
  return now() - last_beat > FORGOTTEN_AFTER_MS
end
