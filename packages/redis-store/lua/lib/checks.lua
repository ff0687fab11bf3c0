-- What a step is told may have been anything before it was JSON: a number that was none is null, and a text that was none
-- is missing. Redis takes nothing back when a script raises half-way, so a step asks for both before its first write.
local function require_number(what, value)
  if type(value) ~= 'number' or value ~= value or math.abs(value) == math.huge then
    error({ err = 'ERR ' .. what .. ' is no number' })
  end
end
local function require_text(what, value)
  if type(value) ~= 'string' then error({ err = 'ERR ' .. what .. ' is no text' }) end
end
-- Of a list; what is missing in it is null.
local function require_numbers(what, values, count, may_miss)
  for at = 1, count do
    local value = values[at]
    if type(value) ~= 'number' and not (may_miss and value == cjson.null) then require_number(what, value) end
  end
end
local function require_texts(what, values, count, may_miss)
  for at = 1, count do
    local value = values[at]
    if type(value) ~= 'string' and not (may_miss and value == cjson.null) then require_text(what, value) end
  end
end
local function require_lease(place)
  require_text('job', place.job)
  require_number('index', place.index)
  require_number('token', place.token)
  require_number('posts', place.posts)
end
local function require_failure(failure)
  require_text('failure.code', failure.code)
  require_text('failure.message', failure.message)
end
