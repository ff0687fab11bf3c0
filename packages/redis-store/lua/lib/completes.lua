-- Completes uploads that were claimed for their first time. So are most, and of them everything is known by the lease: no
-- record is read, and what they have in common is done once.
--
-- is_first(job, lease, token): whether it is one of those; `lease` is one that is like its own.
-- complete_first(job, at, lease, sent): completes what is at this place of what was sent. Its keys have been asked for, and
-- its URL read. It is not the last of its job.
-- flush_completes(): counts them. Once, after the last, before what hosts told is taken over.
local is_first, complete_first, flush_completes
do
  local NULL, tallies = cjson.null, {}
  is_first = function(job, lease, token)
    return lease and job.marks == 0 and token > job.tokenBefore and not lease.expired
  end
  local function tally_of(lease)
    local tally = {
      tokens = {}, posts = 0, bytes = 0, leases = drops('leases'), deadlines = unranks('deadlines:' .. lease.host),
    }
    tallies[lease] = tally
    return tally
  end
  local function held_of(job)
    job.held = job.held or unranks('j:' .. job.id .. ':held')
    return job.held
  end
  -- What is not known is false.
  local function facts_of_image(sent, at)
    local type_at, width, height = sent.type[at], sent.width[at], sent.height[at]
    return sent.bytes[at], type_at ~= NULL and sent.types[type_at + 1], width ~= NULL and width, height ~= NULL and height
  end
  complete_first = function(job, at, lease, sent)
    local index, token, link, hash = sent.index[at], sent.token[at], sent.link[at], sent.deleteHash[at]
    local tally, text = tallies[lease] or tally_of(lease), whole(token)
    local bytes, type, width, height = facts_of_image(sent, at)
    keep_link_base(job, link)
    local records = puts(hash_of_record(job, index))
    local last = #records
    records[last + 1] = index % RECORDS_A_HASH
    records[last + 2] = pack_completed(job, token, link, bytes, type, width, height, lease.claimedAt)
    local held = held_of(job)
    held[#held + 1] = index
    append('links', link)
    if hash ~= NULL then append('j:' .. job.id .. ':hashes', cmsgpack.pack({ index, hash })) end
    tally.tokens[#tally.tokens + 1], tally.leases[#tally.leases + 1], tally.deadlines[#tally.deadlines + 1] = token, text, text
    tally.posts, tally.bytes = tally.posts + sent.posts[at], tally.bytes + bytes
    job.claimed, job.complete = job.claimed - 1, job.complete + 1
    tell({ type = 'upload:completed', jobId = job.id, index = index, url = job.urls[index], link = link })
  end
  flush_completes = function()
    for lease, tally in pairs(tallies) do
      local uploads = #tally.tokens
      give_back(lease.scope, tally.tokens, uploads * lease.taken, tally.posts)
      count('claimed', -uploads)
      count_outcome(lease.host, 'complete', uploads)
      count('bytes', tally.bytes)
      count_minute(uploads, 0, tally.bytes)
      count_duration(lease, uploads)
    end
  end
end
