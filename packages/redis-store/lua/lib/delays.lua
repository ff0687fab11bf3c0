-- Uploads that wait for the time of their next attempt.
--
-- delayed_of(job id): how many of a job do, and in how many ms the first of them may run, -1 when none does; none when
-- that key is broken. Of so many jobs they are counted in one step: MOST_DELAYING.
local MOST_DELAYING = 1000
local function delayed_of(id)
  local later = '(' .. whole(now())
  local sound, first = pcall(read, 'ZRANGE', 'j:' .. id .. ':delayed', later, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  if not sound or not first[2] then return 0, -1 end
  return read('ZCOUNT', 'j:' .. id .. ':delayed', later, '+inf'), tonumber(first[2]) - now()
end
