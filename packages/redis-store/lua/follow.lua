#!lua flags=no-writes
-- requires: clock, keys
-- Entries of the history from one on. ARGV: id of the entry, how many
-- Answers { id of the newest entry that was dropped, id of the last entry, now, entries }.
local last = redis.call('XREVRANGE', key('events'), '+', '-', 'COUNT', 1)[1]
local trimmed = redis.call('HGET', key('meta'), 'trimmedTo') or ''
return { trimmed, last and last[1] or trimmed, now(), redis.call('XRANGE', key('events'), ARGV[1] == '' and '+' or ARGV[1], '+', 'COUNT', ARGV[2]) }
