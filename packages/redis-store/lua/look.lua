#!lua flags=no-writes
-- requires: clock, keys, writes, checks, totals, minutes, jobs, packing, marks, records, budget, leases, queue
-- In how many milliseconds a claim may find something, -1 when nothing would happen by itself. ARGV: host, scope (JSON)
if is_paused(ARGV[1]) then return -1 end
local wait_ms = next_in(ARGV[1], cjson.decode(ARGV[2]))
return wait_ms and math.ceil(wait_ms) or -1
