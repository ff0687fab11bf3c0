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
  -- Of hashes and sorted sets: no key is both.
  local new_pairs, old_names = {}, {}
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
    return of(new_pairs, suffix)
  end
  ranks = function(suffix)
    of(zsets, suffix)
    return of(new_pairs, suffix)
  end
  drops = function(suffix)
    of(hashes, suffix)
    return of(old_names, suffix)
  end
  unranks = function(suffix)
    of(zsets, suffix)
    return of(old_names, suffix)
  end
  -- Calls a command with no more arguments than Lua can hand over at a time.
  local function call(command, suffix, arguments)
    local MOST_ARGUMENTS = 4000
    for first = 1, #arguments, MOST_ARGUMENTS do
      redis.call(command, key(suffix), unpack(arguments, first, math.min(#arguments, first + MOST_ARGUMENTS - 1)))
    end
  end
  local function write(suffix, entries, remove, add)
    local added, removed, is_hash = new_pairs[suffix] or {}, old_names[suffix] or {}, add == 'HSET'
    local last = #added
    for name, value in pairs(entries) do
      if value == false then removed[#removed + 1] = name
      else
        added[last + 1], added[last + 2] = is_hash and name or value, is_hash and value or name
        last = last + 2
      end
    end
    call(remove, suffix, removed)
    call(add, suffix, added)
  end
  flush_writes = function()
    for suffix in pairs(hashes) do require_type(suffix, 'hash') end
    for suffix in pairs(zsets) do require_type(suffix, 'zset') end
    for suffix in pairs(lists) do require_type(suffix, 'list') end
    for suffix, entries in pairs(hashes) do write(suffix, entries, 'HDEL', 'HSET') end
    for suffix, entries in pairs(zsets) do write(suffix, entries, 'ZREM', 'ZADD') end
    for suffix, values in pairs(lists) do call('RPUSH', suffix, values) end
    for _, each in ipairs(replaced) do redis.call('SET', key(each[1]), each[2], 'PX', whole(each[3])) end
    hashes, zsets, lists, replaced = {}, {}, {}, {}
    new_pairs, old_names = {}, {}
  end
end
