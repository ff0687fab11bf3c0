#!lua
-- requires: clock, keys, workers
-- Registers a worker or refreshes it. ARGV: id, report (JSON), everyMs, request id
-- Answers the commands that came since its last beat. Those of a beat whose reply was lost come again with its resend.
require_type('workers', 'zset')
require_type('worker:' .. ARGV[1], 'hash')
require_type('commands:' .. ARGV[1], 'list')
forget_the_silent()
local where = key('worker:' .. ARGV[1])
local known = redis.call('HMGET', where, 'request', 'answer')
if known[1] == ARGV[4] then return cjson.decode(known[2]).list end
local commands = redis.call('LRANGE', key('commands:' .. ARGV[1]), 0, -1)
redis.call('DEL', key('commands:' .. ARGV[1]))
redis.call('HSETNX', where, 'startedAt', whole(now()))
redis.call('HSET', where, 'report', ARGV[2], 'everyMs', ARGV[3], 'request', ARGV[4],
  'answer', #commands == 0 and '{"list":{}}' or cjson.encode({ list = commands }))
redis.call('ZADD', key('workers'), whole(now()), ARGV[1])
return commands
