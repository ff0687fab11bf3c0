-- Uploads that wait for the time of their next attempt.
--
-- delayed_of(job id): how many of a job do. Of so many jobs they are counted in one step: MOST_DELAYING.
local MOST_DELAYING = 1000
local function delayed_of(id)
  return redis.call('ZCOUNT', key('j:' .. id .. ':delayed'), '(' .. whole(now()), '+inf')
end
