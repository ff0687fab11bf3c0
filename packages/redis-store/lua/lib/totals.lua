-- What was counted since the store was made, and how many uploads wait and are claimed.
--
-- count_waiting(): how many wait, without what this step has counted.
-- count(field, by): notes it; `field` is a name of Stats.totals, `waiting` or `claimed`. Writes nothing.
-- check_totals(): refuses a key of another type. Before the first write of a step.
-- flush_totals(): writes what was counted. Once, at the end of a step.
local total_changes = {}
local function count(field, by)
  total_changes[field] = (total_changes[field] or 0) + by
end
local function count_waiting()
  return tonumber(read('HGET', 'totals', 'waiting') or '0')
end
local function check_totals()
  require_type('totals', 'hash')
end
local function flush_totals()
  for field, by in pairs(total_changes) do
    if by ~= 0 then redis.call('HINCRBY', key('totals'), field, whole(by)) end
  end
  total_changes = {}
end
