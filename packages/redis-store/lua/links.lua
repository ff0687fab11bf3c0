#!lua flags=no-writes
-- requires: clock, keys
-- Links in the order of completion. ARGV: position of the first, how many at most
-- Answers { position of the first that is answered, position after the last there is, links as JSON }: one text is written and
-- read many times faster than so many.
local dropped = tonumber(read('HGET', 'meta', 'linksDropped') or '0')
local first = math.max(tonumber(ARGV[1]), dropped)
local links = read('LRANGE', 'links', whole(first - dropped), whole(first - dropped + tonumber(ARGV[2]) - 1))
return { first, dropped + read('LLEN', 'links'), links[1] and cjson.encode(links) or '[]' }
