-- What was counted since the store was made, and how many uploads wait and are claimed. Written once at the end.
local total_changes = {}
local function count(field, by)
  total_changes[field] = (total_changes[field] or 0) + by
end
local function check_totals()
  require_type('totals', 'hash')
end
local function flush_totals()
  for field, by in pairs(total_changes) do
    if by ~= 0 then redis.call('HINCRBY', key('totals'), field, whole(by)) end
  end
end
