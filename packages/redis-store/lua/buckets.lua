#!lua flags=no-writes
-- requires: clock, keys
-- How many POSTs are under way by what buckets say. ARGV: cursor among those that were ever claimed with, '0' for the
-- beginning and at the end, or '' to look at none of them; then names of others
-- Answers { cursor, buckets, each { name, POSTs under way }, sentences }. A bucket can come more than once.
local SCOPES_A_STEP = 100
local names, cursor = {}, '0'
if ARGV[1] ~= '' and pcall(require_type, 'pauses', 'hash') then
  local scanned = redis.call('HSCAN', key('pauses'), ARGV[1], 'COUNT', SCOPES_A_STEP)
  cursor = scanned[1]
  for at = 1, #scanned[2], 2 do
    for name in string.gmatch(scanned[2][at], '[^\n]+') do names[#names + 1] = name end
  end
end
for at = 2, #ARGV do names[#names + 1] = ARGV[at] end
local buckets, said = {}, {}
for _, name in ipairs(names) do
  local is_read, found = pcall(read, 'HGET', 'bucket:' .. name, 'inFlight')
  if is_read then buckets[#buckets + 1] = { name, tonumber(found or '0') or -1 }
  else said[#said + 1] = reason_of(found) end
end
return { cursor, buckets, said }
