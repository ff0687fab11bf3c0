#!lua flags=no-writes
-- requires: clock, keys, writes, jobs
-- The uploads that failed last, newest first. ARGV: number before which to begin or '', how many to look at
-- Answers { number before which to go on, -1 at the end, failures, each { job id, index, url, host, code, message, at } }.
-- Those of jobs that are not known any more, or can not be read, are passed over.
local newest = tonumber(read('HGET', 'meta', 'failures') or '0')
local first = ARGV[1] == '' and newest or tonumber(ARGV[1]) - 1
local most = tonumber(ARGV[2])
-- What this needs of a job that is known, false of another one. The other fields are many.
local known = {}
local function job_of(id)
  if known[id] == nil then
    local facts = read('HMGET', 'j:' .. id, 'position', 'host', 'finishedAt', 'forgetAt')
    local is_over = tonumber(facts[3] or '0') > 0 and tonumber(facts[4] or '0') <= now()
    known[id] = not is_over and { id = id, position = tonumber(facts[1] or ''), host = facts[2] }
  end
  return known[id]
end
local function describe(packed)
  local id, position, index, code, message, at = unpack(cmsgpack.unpack(packed))
  local job = job_of(id)
  if job and job.position == position then return { id, index, url_of(job, index), job.host, code, message, at } end
end
local entries = read('LRANGE', 'failures', newest - first, newest - first + most - 1)
local failures = {}
for _, packed in ipairs(entries) do
  local sound, described = pcall(describe, packed)
  if sound and described then failures[#failures + 1] = described end
end
return { #entries == most and first - most + 1 or -1, failures }
