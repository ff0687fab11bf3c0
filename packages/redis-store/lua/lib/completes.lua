-- Completes uploads that were claimed for their first time. So are most, and of them everything is known by the lease: no
-- record is read, and what they have in common is done once.
--
-- is_first(job, lease, token): whether it is one of those; `lease` is one that is like its own.
-- complete_firsts(job, requests, leases, sent): completes these requests of what was sent. Its keys have been asked for, and
-- its URLs read. None of them is the last of its job.
-- flush_completes(): counts them. Once, after the last, before what hosts told is taken over.
local is_first, complete_firsts, flush_completes
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
  -- What is not known is false.
  local function facts_of_image(sent, at)
    local type_at, width, height = sent.type[at], sent.width[at], sent.height[at]
    return sent.bytes[at], type_at ~= NULL and sent.types[type_at + 1], width ~= NULL and width, height ~= NULL and height
  end
  complete_firsts = function(job, requests, leases, sent)
    local indexes, tokens, links, hashes, posts = sent.index, sent.token, sent.link, sent.deleteHash, sent.posts
    local held, all_links = unranks('j:' .. job.id .. ':held'), appends('links')
    for _, at in ipairs(requests) do
      local index, token, link, hash, lease = indexes[at], tokens[at], links[at], hashes[at], leases[at]
      local tally, text = tallies[lease] or tally_of(lease), whole(token)
      local uploads = #tally.tokens + 1
      keep_link_base(job, link)
      local bytes, type, width, height = facts_of_image(sent, at)
      local records = puts(hash_of_record(job, index))
      local last = #records
      records[last + 1] = index % RECORDS_A_HASH
      records[last + 2] = pack_completed(job, token, link, bytes, type, width, height, lease.claimedAt)
      held[#held + 1], all_links[#all_links + 1] = index, link
      if hash ~= NULL then append('j:' .. job.id .. ':hashes', cmsgpack.pack({ index, hash })) end
      tally.tokens[uploads], tally.leases[#tally.leases + 1], tally.deadlines[#tally.deadlines + 1] = token, text, text
      tally.posts, tally.bytes = tally.posts + posts[at], tally.bytes + bytes
      tell({ type = 'upload:completed', jobId = job.id, index = index, url = job.urls[index], link = link })
    end
    job.claimed, job.complete = job.claimed - #requests, job.complete + #requests
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
