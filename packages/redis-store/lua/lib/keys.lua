-- Every key is the declared prefix and a suffix, so all of them are in one slot.
local prefix = KEYS[1]
-- Set by the steps that need them.
local retention_ms, max_events
local function key(suffix)
  return prefix .. suffix
end
-- Raises an error when a key holds another type than the step will write. Steps ask before their first write, so that
-- a key that somebody has broken stops the step as a whole.
local function require_type(suffix, wanted)
  local found = redis.call('TYPE', key(suffix)).ok
  if found ~= 'none' and found ~= wanted then
    error({ err = 'WRONGTYPE ' .. key(suffix) .. ' is a ' .. found .. '; it must be a ' .. wanted })
  end
end
local function whole(number)
  return string.format('%.0f', number)
end
