-- Hints for those who wait for something to claim. `what`: a host, or '*' for all of them.
local function wake(what)
  redis.call('PUBLISH', key('wake'), what)
end
