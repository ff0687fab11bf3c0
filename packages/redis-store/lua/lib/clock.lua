-- The one clock of the store, in whole milliseconds since 1970. The same throughout a step.
local clock_ms
local function now()
  if not clock_ms then
    local time = redis.call('TIME')
    clock_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  end
  return clock_ms
end
