#!lua
-- requires: clock, keys, writes, jobs
-- Brings a part of the URLs of a large job, which nobody sees until it is created.
-- ARGV: job id, total, number of the part from 0, its URLs (1,000, fewer only in the last part).
local id, total, part = ARGV[1], ARGV[2], ARGV[3]
require_type('staging', 'zset')
require_type('staged', 'hash')
if find_job(id) then return 0 end
redis.call('DEL', key('j:' .. id .. ':u:' .. part))
redis.call('RPUSH', key('j:' .. id .. ':u:' .. part), unpack(ARGV, 4))
redis.call('ZADD', key('staging'), whole(now()), id)
redis.call('HSET', key('staged'), id, total)
return 1
