#!lua flags=no-writes
-- requires: clock, keys
-- Where the history stands, and a piece of it. ARGV: id of an entry or '', how many of the entries after it,
-- how many bytes of them: the entry that reaches so many is the last one
-- Answers { id of the last entry that was dropped, id of the last entry, now, the entry with that id or nothing in a
-- list, the entries after it }. The ids are '' while the store has no history.
local known = read('HMGET', 'meta', 'trimmedTo', 'lastEvent')
local trimmed = known[1] or ''
local itself = {}
if ARGV[1] ~= '' then itself = read('XRANGE', 'events', ARGV[1], ARGV[1]) end
local after, from, bytes = {}, ARGV[1] == '' and '-' or '(' .. ARGV[1], tonumber(ARGV[3])
while #after < tonumber(ARGV[2]) and bytes > 0 do
  local entry = read('XRANGE', 'events', from, '+', 'COUNT', 1)[1]
  if not entry then break end
  after[#after + 1], from = entry, '(' .. entry[1]
  for _, text in ipairs(entry[2]) do bytes = bytes - #text end
end
return { trimmed, known[2] or trimmed, now(), itself, after }
