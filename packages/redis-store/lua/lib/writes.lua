-- What a step writes, gathered until its end: then one command for each key and kind, however many uploads it is about.
--
-- put(suffix, field, value), drop(suffix, field): of a hash.
-- rank(suffix, member, score), unrank(suffix, member): of a sorted set.
-- append(suffix, value): to a list.
-- replace(suffix, value, ms): the whole of a key, whatever it was, for so long.
-- puts(suffix), ranks(suffix), drops(suffix), unranks(suffix), appends(suffix): the same for many, as a list to add to: of
-- fields with their values, of scores with their members, of what goes, of values. What goes, goes before what comes.
-- flush_writes(): writes it all, or nothing when one of the keys is of another type. At the end of a step. What a step
-- reads before that is as it was; the last word on a field or a member counts.
local put, drop, rank, unrank, append, replace, puts, ranks, drops, unranks, appends, flush_writes
do
  local hashes, zsets, lists, replaced = {}, {}, {}, {}
  local new_fields, new_members, old_fields, old_members = {}, {}, {}, {}
  local function of(keys, suffix)
    local entries = keys[suffix]
    if not entries then
      entries = {}
      keys[suffix] = entries
    end
    return entries
  end
  put = function(suffix, field, value) of(hashes, suffix)[field] = value end
  drop = function(suffix, field) of(hashes, suffix)[field] = false end
  rank = function(suffix, member, score) of(zsets, suffix)[member] = score end
  unrank = function(suffix, member) of(zsets, suffix)[member] = false end
  appends = function(suffix) return of(lists, suffix) end
  append = function(suffix, value)
    local values = of(lists, suffix)
    values[#values + 1] = value
  end
  replace = function(suffix, value, ms) replaced[#replaced + 1] = { suffix, value, ms } end
  puts = function(suffix)
    of(hashes, suffix)
    return of(new_fields, suffix)
  end
  ranks = function(suffix)
    of(zsets, suffix)
    return of(new_members, suffix)
  end
  drops = function(suffix)
    of(hashes, suffix)
    return of(old_fields, suffix)
  end
  unranks = function(suffix)
    of(zsets, suffix)
    return of(old_members, suffix)
  end
  -- Calls a command with no more arguments than Lua can hand over at a time.
  local function call(command, suffix, arguments)
    local MOST_ARGUMENTS = 4000
    for first = 1, #arguments, MOST_ARGUMENTS do
      redis.call(command, key(suffix), unpack(arguments, first, math.min(#arguments, first + MOST_ARGUMENTS - 1)))
    end
  end
  local function write_hash(suffix, entries)
    local added, removed = new_fields[suffix] or {}, old_fields[suffix] or {}
    local last = #added
    for field, value in pairs(entries) do
      if value == false then removed[#removed + 1] = field
      else
        added[last + 1], added[last + 2] = field, value
        last = last + 2
      end
    end
    call('HDEL', suffix, removed)
    call('HSET', suffix, added)
  end
  local function write_zset(suffix, entries)
    local added, removed = new_members[suffix] or {}, old_members[suffix] or {}
    local last = #added
    for member, score in pairs(entries) do
      if score == false then removed[#removed + 1] = member
      else
        added[last + 1], added[last + 2] = score, member
        last = last + 2
      end
    end
    call('ZREM', suffix, removed)
    call('ZADD', suffix, added)
  end
  flush_writes = function()
    for suffix in pairs(hashes) do require_type(suffix, 'hash') end
    for suffix in pairs(zsets) do require_type(suffix, 'zset') end
    for suffix in pairs(lists) do require_type(suffix, 'list') end
    for suffix, entries in pairs(hashes) do write_hash(suffix, entries) end
    for suffix, entries in pairs(zsets) do write_zset(suffix, entries) end
    for suffix, values in pairs(lists) do call('RPUSH', suffix, values) end
    for _, each in ipairs(replaced) do redis.call('SET', key(each[1]), each[2], 'PX', whole(each[3])) end
    hashes, zsets, lists, replaced = {}, {}, {}, {}
    new_fields, new_members, old_fields, old_members = {}, {}, {}, {}
  end
end
