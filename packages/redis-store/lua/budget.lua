#!lua flags=no-writes
-- requires: clock, keys, checks, budget
-- What a scope allows, or which buckets are known. ARGV: scope (JSON), or '' for all buckets, at most 1,000
-- Answers { paused for ms, reason, buckets }, each bucket { name, remaining, limit or -1, resetInMs, reason, inFlight,
-- resetsAt }.
-- Of all buckets one that can not be read is left out.
local MOST_BUCKETS = 1000
local function all_buckets()
  local names = {}
  local known = read('ZRANGE', 'buckets', '(' .. whole(now()), '+inf', 'BYSCORE', 'LIMIT', 0, MOST_BUCKETS)
  for _, name in ipairs(known) do
    if pcall(bucket_of, name) then names[#names + 1] = name end
  end
  return names
end
local scope, answers = ARGV[1] == '' and all_buckets() or cjson.decode(ARGV[1]), {}
for _, name in ipairs(scope) do
  local bucket = bucket_of(name)
  if not is_unknown(bucket) and bucket.window == 'limited' then
    answers[#answers + 1] = { name, bucket.remaining, bucket.limit, bucket.resetAt - now(), bucket.reason, bucket.inFlight,
      bucket.resetAt }
  end
end
local for_ms, reason = pause_of(scope)
return { for_ms, reason or '', answers }
