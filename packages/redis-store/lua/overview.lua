#!lua flags=no-writes
-- requires: clock, keys
-- What a check of the whole needs. ARGV: position after which to begin, how many jobs at most
-- Answers { seen, leases, position of the last, job ids }. `seen` is { waiting, claimed, jobsFinished, last token }: who
-- finds it the same twice knows that nothing moved in between, as no upload stops waiting but by a claim or a cancel.
local ids = redis.call('ZRANGE', key('jobs'), '(' .. ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[2])
local last = #ids > 0 and redis.call('ZSCORE', key('jobs'), ids[#ids]) or ARGV[1]
local seen = redis.call('HMGET', key('totals'), 'waiting', 'claimed', 'jobsFinished')
seen[#seen + 1] = redis.call('HGET', key('meta'), 'token')
return { seen, redis.call('HLEN', key('leases')), last, ids }
