-- Leases that ran out and that nobody has taken over yet.
--
-- overdue_among(leases): the tokens of those among some, each a token and how it is packed. One that can not be read is
-- none. Of so many leases they are found in one step: MOST_LEASES_LOOKED_AT.
local MOST_LEASES_LOOKED_AT = 1000
local function is_claimed(lease)
  local sound, job = pcall(find_job, lease.jobId)
  return sound and job ~= nil and not is_cancelled(job, lease.token)
end
-- Those that no claim has come by have their deadline still.
local function find_due(host, leases, due)
  local tokens = {}
  for at, lease in ipairs(leases) do tokens[at] = whole(lease.token) end
  local sound, deadlines = pcall(read, 'ZMSCORE', 'deadlines:' .. host, unpack(tokens))
  for at, lease in ipairs(sound and leases or {}) do
    if deadlines[at] and tonumber(deadlines[at]) <= now() then due[#due + 1] = lease end
  end
end
local function overdue_among(found)
  local due, by_host = {}, {}
  for at = 1, #found, 2 do
    local is_read, lease = pcall(unpack_lease, tonumber(found[at]), found[at + 1])
    if is_read and lease.expired then due[#due + 1] = lease
    elseif is_read then
      by_host[lease.host] = by_host[lease.host] or {}
      table.insert(by_host[lease.host], lease)
    end
  end
  for host, leases in pairs(by_host) do find_due(host, leases, due) end
  local overdue = {}
  for _, lease in ipairs(due) do
    if is_claimed(lease) then overdue[#overdue + 1] = whole(lease.token) end
  end
  return overdue
end
