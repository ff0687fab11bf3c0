-- Uploads that wait for the time of their next attempt.
--
-- delayed_of(job id): how many of a job do; none when that key is broken. Of so many jobs they are counted in one step: MOST_DELAYING.
local MOST_DELAYING = 1000
local function delayed_of(id)
  local sound, delayed = pcall(read, 'ZCOUNT', 'j:' .. id .. ':delayed', '(' .. whole(now()), '+inf')
  return sound and delayed or 0
end
