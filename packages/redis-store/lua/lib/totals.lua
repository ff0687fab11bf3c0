-- What was counted since the store was made, and how many uploads wait, are delayed and are claimed.
--
-- count(field, by): notes it; `field` is a name of Stats.totals, `waiting`, `delayed` or `claimed`. Writes nothing.
-- count_outcome(host, what, by): notes that so many uploads have ended; `what` is 'complete' or a failure code.
-- count_waiting(): how many wait, without what this step has counted.
-- check_totals(): refuses keys of another type. Before the first write of a step.
-- flush_totals(): writes what was counted. Once, at the end of a step.
--
-- A field of `outcomes` is '<what> <host>': no code has a space, a host may have any.
local count, count_outcome, count_waiting, check_totals, flush_totals
do
  local changes = { totals = {}, outcomes = {} }
  local function note(where, field, by)
    changes[where][field] = (changes[where][field] or 0) + by
  end
  count = function(field, by) note('totals', field, by) end
  count_outcome = function(host, what, by)
    count(what == 'complete' and 'uploadsComplete' or 'uploadsFailed', by)
    note('outcomes', what .. ' ' .. host, by)
  end
  count_waiting = function()
    return tonumber(read('HGET', 'totals', 'waiting') or '0')
  end
  check_totals = function()
    require_types({ totals = 'hash', outcomes = 'hash' })
  end
  flush_totals = function()
    for where, counted in pairs(changes) do
      local fields = {}
      for field, by in pairs(counted) do
        if by ~= 0 then fields[#fields + 1] = field end
      end
      local known = #fields > 0 and read('HMGET', where, unpack(fields)) or {}
      for at, field in ipairs(fields) do put(where, field, whole(tonumber(known[at] or '0') + counted[field])) end
      changes[where] = {}
    end
  end
end
