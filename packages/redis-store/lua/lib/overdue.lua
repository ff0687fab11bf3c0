-- Leases that ran out and that nobody has taken over yet.
--
-- overdue_among(leases): the tokens of those among some, each a token and how it is packed. One that can not be read is
-- none. Of so many leases they are found in one step: MOST_LEASES_LOOKED_AT.
local MOST_LEASES_LOOKED_AT = 1000
local first_deadlines = {}
local function is_any_due(host)
  if not first_deadlines[host] then
    local sound, first = pcall(read, 'ZRANGE', 'deadlines:' .. host, 0, 0, 'WITHSCORES')
    first_deadlines[host] = sound and tonumber(first[2]) or math.huge
  end
  return first_deadlines[host] <= now()
end
-- Those that no claim has come by have their deadline still.
local function add_due(host, leases, overdue)
  local tokens = {}
  for at, lease in ipairs(leases) do tokens[at] = whole(lease.token) end
  for at, deadline in ipairs(read('ZMSCORE', 'deadlines:' .. host, unpack(tokens))) do
    if deadline and tonumber(deadline) <= now() then overdue[#overdue + 1] = leases[at] end
  end
end
local function is_claimed(lease)
  local sound, job = pcall(find_job, lease.jobId)
  return sound and job ~= nil and not is_cancelled(job, lease.token)
end
local function overdue_among(found)
  local overdue, by_host = {}, {}
  for at = 1, #found, 2 do
    local is_read, lease = pcall(unpack_lease, tonumber(found[at]), found[at + 1])
    if is_read and lease.expired then overdue[#overdue + 1] = lease
    elseif is_read and is_any_due(lease.host) then
      by_host[lease.host] = by_host[lease.host] or {}
      table.insert(by_host[lease.host], lease)
    end
  end
  for host, leases in pairs(by_host) do add_due(host, leases, overdue) end
  local tokens = {}
  for _, lease in ipairs(overdue) do
    if is_claimed(lease) then tokens[#tokens + 1] = whole(lease.token) end
  end
  return tokens
end
