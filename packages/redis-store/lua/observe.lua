#!lua flags=allow-oom
-- requires: clock, keys, wake, checks, events, budget
-- Takes over what replies told at once. ARGV: readings (JSON), maxEvents
max_events = tonumber(ARGV[2])
check_events()
local readings = cjson.decode(ARGV[1])
for _, reading in ipairs(readings) do check_reading(reading) end
note_outlooks(readings)
observe(readings)
flush_budget() flush_events()
if is_news() then wake('*') end
return 1
