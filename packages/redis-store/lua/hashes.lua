#!lua flags=no-writes
-- requires: clock, keys, writes, jobs, packing, marks, records, totals
-- What is needed to delete a job's images. ARGV: job id, first entry, how many. Answers each { index, link, deleteHash }.
local job = find_job(ARGV[1])
if not job then return {} end
local first, answers = tonumber(ARGV[2]), {}
for _, packed in ipairs(read_of(job, 'LRANGE', ':hashes', first, first + tonumber(ARGV[3]) - 1)) do
  local entry = cmsgpack.unpack(packed)
  answers[#answers + 1] = { entry[1], record_of(job, entry[1]).link or '', entry[2] }
end
return answers
