-- Uploads of a job that follow one another and were never claimed, given out together. What is kept of them is alike but
-- for indexes and tokens, so it is packed once.
--
-- look_at_run(job, most): how many can be given out so, 0 when what is kept of them has to be looked at one by one.
-- Raises an error when a key of them is broken. Before the first write for them.
-- lend_run(job, count, lease, lease_ms): gives them out; `lease` is that of the first one.
-- add_lease(runs, one): adds one lease to what a claim answers, to the run before where it goes on with it.
--
-- A claim answers runs of leases, each { place of its job from 0, index, token, attempt, expiries, jobStarted,
-- possiblyDuplicated, runAttempt, URLs }: one lease for each URL, with an index and a token that are one more each time.
-- The job started with the first of them.
local look_at_run, lend_run, add_lease
do
  -- What stands before a packed token and behind it. It is found where it is: its first two bytes are no UTF-8, so no id of
  -- a job has them, and the numbers before it are shorter.
  local function around(packed, token)
    local first, last = string.find(packed, token, 1, true)
    return string.sub(packed, 1, first - 1), string.sub(packed, last + 1)
  end
  look_at_run = function(job, most)
    -- One that was cancelled or chosen before it ever ran has a record, or marks that count for it.
    if job.marks > 0 then return 0 end
    local count = math.min(most, job.total - job.next, RECORDS_A_HASH - job.next % RECORDS_A_HASH)
    require_type(hash_of_record(job, job.next), 'hash')
    for index = job.next, job.next + count - 1 do url_of(job, index) end
    return count
  end
  lend_run = function(job, count, lease, lease_ms)
    local pack, token, index = cmsgpack.pack, lease.token, lease.index
    local record_head, record_tail = around(pack_record(job, first_record(job, index, token, now())), pack(token))
    lease.isFirst = true
    local first = pack_lease(lease)
    -- The token holds the place of the index.
    lease.index, lease.started = token, false
    local lease_head, lease_tail = around(pack_lease(lease), pack(token))
    local records, held, due = puts(hash_of_record(job, index)), ranks('j:' .. job.id .. ':held'), whole(now() + lease_ms)
    local leases, deadlines = puts('leases'), ranks('deadlines:' .. lease.host)
    local record_at, held_at, lease_at, deadline_at = #records, #held, #leases, #deadlines
    for at = 0, count - 1 do
      local text = whole(token + at)
      records[record_at + 1] = (index + at) % RECORDS_A_HASH
      records[record_at + 2] = record_head .. pack(token + at) .. record_tail
      held[held_at + 1], held[held_at + 2] = text, index + at
      leases[lease_at + 1], leases[lease_at + 2] = text, at == 0 and first or lease_head .. pack(index + at) .. lease_tail
      deadlines[deadline_at + 1], deadlines[deadline_at + 2] = due, text
      record_at, held_at, lease_at, deadline_at = record_at + 2, held_at + 2, lease_at + 2, deadline_at + 2
    end
    job.next = job.next + count
    move(job, 'waiting', 'claimed', count)
  end
  add_lease = function(runs, one)
    local FACTS = 8
    local run = runs[#runs]
    local more = run and #run - FACTS
    local goes_on = run and run[1] == one[1] and run[2] + more == one[2] and run[3] + more == one[3] and one[6] == 0
    for fact = 4, FACTS do goes_on = goes_on and (fact == 6 or run[fact] == one[fact]) end
    if goes_on then run[#run + 1] = one[FACTS + 1] else runs[#runs + 1] = one end
  end
end
