#!lua flags=no-writes
-- requires: clock, keys
-- Links in the order of completion. ARGV: position of the first, how many at most
-- Answers { position of the first that is answered, position after the last there is, links }.
local dropped = tonumber(redis.call('HGET', key('meta'), 'linksDropped') or '0')
local first = math.max(tonumber(ARGV[1]), dropped)
local links = redis.call('LRANGE', key('links'), whole(first - dropped), whole(first - dropped + tonumber(ARGV[2]) - 1))
return { first, dropped + redis.call('LLEN', key('links')), links }
