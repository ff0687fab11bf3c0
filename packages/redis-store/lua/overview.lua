#!lua flags=no-writes
-- requires: clock, keys
-- What a check of the whole needs. ARGV: position after which to begin, how many jobs at most
-- Answers { waiting, claimed, leases, position of the last, job ids }.
local ids = redis.call('ZRANGE', key('jobs'), '(' .. ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[2])
local last = #ids > 0 and redis.call('ZSCORE', key('jobs'), ids[#ids]) or ARGV[1]
return { redis.call('HMGET', key('totals'), 'waiting', 'claimed'), redis.call('HLEN', key('leases')), last, ids }
