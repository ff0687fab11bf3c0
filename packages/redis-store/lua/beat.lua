#!lua flags=allow-oom
-- requires: clock, keys, workers
-- Registers a worker or refreshes it. ARGV: id, report (JSON), everyMs, session, receipt of the last answer
-- or '', what it holds (JSON), its settings (JSON) or '' where they are as it told them before
-- Answers { receipt, then for each command its number and its JSON }.
--
-- A receipt is '<startedAt> <number of the last command>'. Commands are handed out until one confirms them, so none goes
-- with a reply that was lost, and a beat that is sent again changes nothing. Another session is a process that can
-- confirm nothing: what was handed to the one before is not for it.
local id, report, every_ms, session, receipt, holds, settings = unpack(ARGV, 1, 7)
local where, commands = key('worker:' .. id), key('commands:' .. id)
require_type('workers', 'zset')
require_type('worker:' .. id, 'hash')
require_type('commands:' .. id, 'list')

local function drop_commands_to(number)
  for _, command in ipairs(redis.call('LRANGE', commands, 0, -1)) do
    if tonumber(string.match(command, '^%d+')) > number then return end
    redis.call('LPOP', commands)
  end
end
local function confirm(known)
  local started_at, number = string.match(receipt, '^(%d+) (%d+)$')
  if known[2] ~= session then drop_commands_to(tonumber(known[3]))
  elseif started_at == known[1] then drop_commands_to(tonumber(number)) end
end

local last_beat = redis.call('ZSCORE', key('workers'), id)
if last_beat and is_forgotten(tonumber(last_beat)) then drop_worker(id) end
forget_the_silent()
local known = redis.call('HMGET', where, 'startedAt', 'session', 'handed')
if known[1] then confirm(known) else redis.call('DEL', commands) end
local started_at = known[1] or whole(now())
local handed, answer = known[3] or '0', { '' }
for _, command in ipairs(redis.call('LRANGE', commands, 0, -1)) do
  local number, json = string.match(command, '^(%d+) (.*)$')
  handed, answer[#answer + 1], answer[#answer + 2] = number, tonumber(number), json
end
redis.call('HSET', where, 'report', report, 'everyMs', every_ms, 'startedAt', started_at, 'session', session, 'handed', handed,
  'holds', holds)
if settings ~= '' then redis.call('HSET', where, 'settings', settings) end
redis.call('ZADD', key('workers'), whole(now()), id)
keep_worker(id)
answer[1] = started_at .. ' ' .. handed
return answer
