#!lua flags=no-writes
-- requires: clock, keys, totals, jobs, packing, marks, records, budget, leases, overdue
-- Leases that ran out and that nobody has taken over yet, some at a time. ARGV: cursor, '0' for the beginning and at the
-- end. Answers { cursor, tokens }. A token can come more than once.
local scanned = read('HSCAN', 'leases', ARGV[1], 'COUNT', MOST_LEASES_LOOKED_AT)
return { scanned[1], overdue_among(scanned[2]) }
