-- Every key is the declared prefix and a suffix, so all of them are in one slot.
local prefix = KEYS[1]
-- Set by the steps that need them.
local retention_ms, max_events
local function key(suffix)
  return prefix .. suffix
end
-- Redis takes nothing back when a script raises an error half-way. So a step asks for the types of the keys that it will
-- write before its first write, and reads what it needs before that by `read`: a key that somebody has broken then stops
-- the step as a whole, and the error names it. What was read has the right type.
local sound_keys = {}
local function require_type(suffix, wanted)
  if sound_keys[suffix] then return end
  local found = redis.call('TYPE', key(suffix)).ok
  if found ~= 'none' and found ~= wanted then
    error({ err = 'WRONGTYPE ' .. key(suffix) .. ' is a ' .. found .. '; it must be a ' .. wanted })
  end
  sound_keys[suffix] = true
end
local function require_types(wanted)
  for suffix, type_wanted in pairs(wanted) do require_type(suffix, type_wanted) end
end
local function read(command, suffix, ...)
  local answer = redis.pcall(command, key(suffix), ...)
  if type(answer) ~= 'table' or not answer.err then
    sound_keys[suffix] = true
    return answer
  end
  if string.sub(answer.err, 1, 9) ~= 'WRONGTYPE' then error(answer) end
  local found = redis.call('TYPE', key(suffix)).ok
  error({ err = 'WRONGTYPE ' .. key(suffix) .. ' is a ' .. found .. ', where ' .. command .. ' finds nothing' })
end
-- A newer version may have brought the keys to its schema since this process looked at them: nothing of them can be
-- believed then, and nothing must be written. Every step looks before it does anything. Where `meta` is broken this is
-- not known; the steps that need it say so.
local SCHEMA = 3
-- What steps read of the hash `meta`, as it was before this one; empty where it is broken.
local meta = {}
local function read_meta()
  local FIELDS = { 'schema', 'token', 'turn', 'minute', 'events', 'lastEvent', 'trimmedTo' }
  local found = redis.pcall('HMGET', key('meta'), unpack(FIELDS))
  if found.err then return end
  sound_keys.meta = true
  for at, field in ipairs(FIELDS) do meta[field] = found[at] end
  if (tonumber(meta.schema) or 0) <= SCHEMA then return end
  error({ err = 'SCHEMA the keys are of schema ' .. meta.schema .. '; this version knows ' .. SCHEMA .. ': update it' })
end
read_meta()
-- What can not be read is looked at again after so long.
local ASIDE_MS = 60000
-- What an error that was caught says, for people. One that a script makes by itself is no broken key, and is not kept
-- quiet.
local function reason_of(caught)
  local text = type(caught) == 'table' and caught.err or tostring(caught)
  if string.find(text, 'global variable', 1, true) then error(caught) end
  return (string.gsub(text, '^WRONGTYPE ', ''))
end
-- A number as text, without a fraction. The second way is for those that are larger than the first can tell, and slower.
local function whole(number)
  local LARGEST = 2 ^ 53
  if number > -LARGEST and number < LARGEST then return string.format('%d', number) end
  return string.format('%.0f', number)
end
