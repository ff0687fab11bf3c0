// One-line faults that the Lua of the Redis store could well have, each with what it would do to a user. `text` stands
// exactly once in its file; `fault` takes its place.
export const faults = [
  {
    what: 'a lease that was taken over still counts',
    file: 'lib/queue.lua',
    text: 'close_lease(lease, lease.taken)\nlocal record = touch(job, lease.index)\nrecord.expiries',
    fault: 'local record = touch(job, lease.index)\nrecord.expiries',
  },
  {
    what: 'an upload that kills its workers runs once more than it may',
    file: 'lib/queue.lua',
    text: 'local MAX_EXPIRIES = 3',
    fault: 'local MAX_EXPIRIES = 4',
  },
  {
    what: 'a job that had its turn stays at the head',
    file: 'lib/queue.lua',
    text: 'if behind or not',
    fault: 'if not',
  },
  {
    what: 'retries of a job wait for its other uploads',
    file: 'lib/queue.lua',
    text: 'index = take_again(job)\nif index then return index end\nif job.next >= job.total then return nil end',
    fault: 'if job.next >= job.total then return take_again(job) end',
  },
  {
    what: 'a finished job is told of twice',
    file: 'lib/queue.lua',
    text: 'if job.waiting + job.claimed > 0 then return false end',
    fault: '',
  },
  {
    what: 'extending changes nothing',
    file: 'extend.lua',
    text: "redis.call('ZADD', key('deadlines:' .. lease.host), whole(now() + lease_ms), whole(lease.token))",
    fault: '',
  },
  {
    what: 'an outcome that is sent again is refused',
    file: 'lib/leases.lua',
    text: "if record.settledToken == token then return 'settled', job, lease, record end",
    fault: '',
  },
  {
    what: 'a lease of a cancelled job can still be settled',
    file: 'lib/leases.lua',
    text: 'return token <= job.cancelToken',
    fault: 'return false',
  },
  {
    what: 'a link is recorded and not counted',
    file: 'settle.lua',
    text: "count('uploadsComplete', 1)",
    fault: '',
  },
  {
    what: 'a release does not wait',
    file: 'release.lua',
    text: 'whole(now() + math.ceil(release.delayMs))',
    fault: 'whole(now())',
  },
  {
    what: 'a release that does not count burns an attempt',
    file: 'release.lua',
    text: 'if not release.countAttempt then record.attempts = record.attempts - 1 end',
    fault: '',
  },
  {
    what: 'a cancelled job runs on after it was retried in part',
    file: 'retry.lua',
    text: 'job.next = job.total',
    fault: '',
  },
  {
    what: 'the budget is not taken by a claim',
    file: 'lib/budget.lua',
    text: 'bucket.inFlight = bucket.inFlight + 1\nend\nend',
    fault: 'end\nend',
  },
  {
    what: 'a larger reading is believed within a window',
    file: 'lib/budget.lua',
    text: 'if known and (bucket.remaining < remaining',
    fault: 'if known and (false',
  },
  {
    what: 'an idempotency key takes any list of URLs',
    file: 'create.lua',
    text: "if mark ~= fingerprint then return { 'conflict' } end",
    fault: '',
  },
  {
    what: 'the cap on waiting uploads is not looked at',
    file: 'create.lua',
    text: "if max_waiting >= 0 and waiting + total > max_waiting then return { 'full' } end",
    fault: '',
  },
  {
    what: 'history that was trimmed leaves no gap',
    file: 'lib/events.lua',
    text: "redis.call('HSET', key('meta'), 'trimmedTo', last)",
    fault: '',
  },
  {
    what: 'a finished job is kept for ever',
    file: 'lib/queue.lua',
    text: 'job.forgetAt = retention_of(job)',
    fault: 'job.forgetAt = now() + 1e12',
  },
  {
    what: 'a beat drops the commands that came since the one before',
    file: 'beat.lua',
    text: "if tonumber(string.match(command, '^%d+')) > number then return end",
    fault: '',
  },
  {
    what: 'an entry of the history does not name the one before',
    file: 'lib/events.lua',
    text: "'p', known[2] or known[3],",
    fault: "'p', known[3],",
  },
];
