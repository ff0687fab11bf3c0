-- Cancelling and retrying a whole job are marks on the job, numbered from 1. A record knows how many there were when it
-- was written and is brought up to date when somebody next looks at it. So is a record that was chosen to run again: it
-- names the choice, which counts once `:chosen` has the number of its mark.
local fail_record, apply_marks, add_mark, keep_choice, leave_choice
do
  local CANCELLED = { 'cancelled', 'the job was cancelled' }

  local function run_again(record)
    record.status, record.expiries, record.finishedAt, record.staged = WAITING, 0, 0, false
    record.attemptsBefore = record.attempts
  end
  fail_record = function(record, failure, at)
    record.status, record.failure, record.finishedAt = FAILED, failure, at
  end

  -- When the first cancel after a mark was. Those since the job was last retried as a whole are kept, the newest of them.
  local function cancelled_at(job, since)
    for mark, at in string.gmatch(job.cancels, '(%d+):(%d+) ') do
      if tonumber(mark) > since then return tonumber(at) end
    end
    return job.finishedAt
  end

  -- Applies the marks that were set since a record was written. It comes to the same as applying them one by one; which
  -- of them were last, and last before the other kind, is all that has to be known.
  apply_marks = function(job, record)
    local since = record.marks
    if record.staged then
      local chosen = tonumber(read_of(job, 'HGET', ':chosen', record.staged) or '0')
      if chosen == since + 1 then
        run_again(record)
        since = chosen
      end
    end
    record.marks = job.marks
    if record.status == COMPLETE then return end
    if record.status == CLAIMED and record.token <= job.cancelToken and job.lastCancel > since then
      record.cancelledToken = record.token
      record.status = WAITING
    end
    if record.status == CLAIMED then return end
    local again = job.lastRetry > since
    if record.status == FAILED then
      if not again then return end
      local cancelled = job.retryBeforeCancel > since
      run_again(record)
      if cancelled then record.failure = CANCELLED end
      if cancelled and job.lastCancel > job.lastRetry then fail_record(record, CANCELLED, cancelled_at(job, since)) end
      return
    end
    if job.lastCancel <= since then return end
    if job.cancelBeforeRetry > since then run_again(record) end
    record.failure = CANCELLED
    if job.lastCancel > job.lastRetry then fail_record(record, CANCELLED, cancelled_at(job, since)) end
  end

  add_mark = function(job, kind)
    local LONGEST_CANCELS = 2000
    job.marks = job.marks + 1
    if kind == 'cancel' then
      job.retryBeforeCancel = job.lastRetry
      job.lastCancel = job.marks
      job.cancels = job.cancels .. job.marks .. ':' .. whole(now()) .. ' '
      while #job.cancels > LONGEST_CANCELS do job.cancels = string.gsub(job.cancels, '^%S+ ', '') end
    else
      job.cancelBeforeRetry = job.lastCancel
      job.cancels = ''
      job.lastRetry = job.marks
    end
  end

  -- A choice counts from now on, as the newest mark; so many records name it, each of them no other one: there are no
  -- more choices than uploads.
  keep_choice = function(job, choice, records)
    redis.call('HSET', job_key(job, ':chosen'), choice, job.marks, 'left ' .. choice, records)
  end
  -- A record names it no longer. What none names is forgotten.
  leave_choice = function(job, choice)
    job.left = job.left or {}
    local left = job.left[choice] or tonumber(read_of(job, 'HGET', ':chosen', 'left ' .. choice) or '0')
    job.left[choice] = math.max(0, left - 1)
    local chosen = 'j:' .. job.id .. ':chosen'
    if left > 1 then put(chosen, 'left ' .. choice, left - 1)
    elseif left == 1 then
      drop(chosen, choice)
      drop(chosen, 'left ' .. choice)
    end
  end
end
