#!lua flags=no-writes
-- requires: clock, keys
-- The link that an image was given, as long as it is remembered. ARGV: its digest
local known = read('GET', 'image:' .. ARGV[1])
local expires_at, link = string.match(known or '', '^(%d+) (.*)$')
return expires_at and tonumber(expires_at) > now() and link
