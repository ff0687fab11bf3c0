#!lua flags=no-writes
-- requires: clock, keys, checks, budget
-- What a scope allows. ARGV: scope (JSON)
-- Answers { paused for ms, reason, buckets }, each bucket { name, remaining, limit or -1, resetInMs, reason, inFlight }.
local scope, answers = cjson.decode(ARGV[1]), {}
for _, name in ipairs(scope) do
  local bucket = bucket_of(name)
  if not is_unknown(bucket) and bucket.window == 'limited' then
    answers[#answers + 1] = { name, bucket.remaining, bucket.limit, bucket.resetAt - now(), bucket.reason, bucket.inFlight }
  end
end
local for_ms, reason = pause_of(scope)
return { for_ms, reason or '', answers }
