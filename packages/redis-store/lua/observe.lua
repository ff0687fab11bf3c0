#!lua flags=allow-oom
-- requires: clock, keys, events, budget
-- Takes over what replies told at once. ARGV: readings (JSON), maxEvents
max_events = tonumber(ARGV[2])
check_events()
local readings = cjson.decode(ARGV[1])
check_readings(readings)
observe(readings)
flush_budget() flush_events()
redis.call('PUBLISH', key('wake'), '*')
return 1
