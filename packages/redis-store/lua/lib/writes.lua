-- What a step writes, gathered until its end: then one command for each key and kind, however many uploads it is about.
--
-- put(suffix, field, value), drop(suffix, field): of a hash.
-- rank(suffix, member, score), unrank(suffix, member): of a sorted set.
-- append(suffix, value): to a list.
-- replace(suffix, value, ms): the whole of a key, whatever it was, for so long.
-- flush_writes(): writes it all, or nothing when one of the keys is of another type. At the end of a step. What a step
-- reads before that is as it was; the last word on a field or a member counts.
local put, drop, rank, unrank, append, replace, flush_writes
do
  local gathered, replaced = { hash = {}, zset = {}, list = {} }, {}
  local function of(kind, suffix)
    gathered[kind][suffix] = gathered[kind][suffix] or {}
    return gathered[kind][suffix]
  end
  put = function(suffix, field, value) of('hash', suffix)[field] = value end
  drop = function(suffix, field) of('hash', suffix)[field] = false end
  rank = function(suffix, member, score) of('zset', suffix)[member] = score end
  unrank = function(suffix, member) of('zset', suffix)[member] = false end
  append = function(suffix, value)
    local values = of('list', suffix)
    values[#values + 1] = value
  end
  replace = function(suffix, value, ms) replaced[#replaced + 1] = { suffix, value, ms } end
  -- Calls a command with no more arguments than Lua can hand over at a time.
  local function call(command, suffix, arguments)
    local MOST_ARGUMENTS = 4000
    for first = 1, #arguments, MOST_ARGUMENTS do
      redis.call(command, key(suffix), unpack(arguments, first, math.min(#arguments, first + MOST_ARGUMENTS - 1)))
    end
  end
  local function write_map(suffix, entries, add, remove, is_value_first)
    local added, removed = {}, {}
    for name, value in pairs(entries) do
      if value == false then removed[#removed + 1] = name
      else
        added[#added + 1] = is_value_first and value or name
        added[#added + 1] = is_value_first and name or value
      end
    end
    call(remove, suffix, removed)
    call(add, suffix, added)
  end
  flush_writes = function()
    for kind, keys in pairs(gathered) do
      for suffix in pairs(keys) do require_type(suffix, kind) end
    end
    for suffix, entries in pairs(gathered.hash) do write_map(suffix, entries, 'HSET', 'HDEL', false) end
    for suffix, entries in pairs(gathered.zset) do write_map(suffix, entries, 'ZADD', 'ZREM', true) end
    for suffix, values in pairs(gathered.list) do call('RPUSH', suffix, values) end
    for _, each in ipairs(replaced) do redis.call('SET', key(each[1]), each[2], 'PX', whole(each[3])) end
    gathered, replaced = { hash = {}, zset = {}, list = {} }, {}
  end
end
