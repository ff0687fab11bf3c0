#!lua flags=allow-oom
-- requires: clock, keys, workers
-- Forgets a worker. ARGV: id
require_type('workers', 'zset')
drop_worker(ARGV[1])
return 1
