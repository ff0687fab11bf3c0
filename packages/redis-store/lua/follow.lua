#!lua flags=no-writes
-- requires: clock, keys
-- Where the history stands, and a piece of it. ARGV: id of an entry or '', how many of the entries after it
-- Answers { id of the last entry that was dropped, id of the last entry, now, the entry with that id or nothing in a
-- list, the entries after it }. The ids are '' while the store has no history.
local known = read('HMGET', 'meta', 'trimmedTo', 'lastEvent')
local trimmed = known[1] or ''
local itself, after = {}, {}
if ARGV[1] ~= '' then itself = read('XRANGE', 'events', ARGV[1], ARGV[1]) end
if tonumber(ARGV[2]) > 0 then
  after = read('XRANGE', 'events', ARGV[1] == '' and '-' or '(' .. ARGV[1], '+', 'COUNT', ARGV[2])
end
return { trimmed, known[2] or trimmed, now(), itself, after }
