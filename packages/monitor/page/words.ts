/** What the page's few words of the trade mean, for whoever meets them here. */
export const words = {
  attempt:
    'One run at an upload: fetch the image, send it to the host. What fails for now gets another one later.',
  beat: 'What a worker tells of itself every few seconds: that it lives, and what it does.',
  budget: 'How many uploads a host still allows for now. It tells so with its replies; all workers share it.',
  draining:
    'The worker takes no more uploads, goes on with those it has for some seconds, hands back what has not finished by then, and stops for good.',
  'first attempt to end':
    'How long an upload took from the start of its first attempt to its end, with all the waiting in between.',
  lease:
    'A worker has an upload for a short time only, and renews it while it works. If it dies the lease runs out.',
  load: 'What share of the time the worker was busy computing. Near 100 % it is late with everything.',
  overdue:
    'The lease of the upload ran out, as its worker died or hangs. Another worker takes the upload over.',
  'possibly twice':
    'The image was sent and no reply came, so it was sent again. It may be at the host twice.',
  reused: 'The same bytes had a link already. The upload got that one, and nothing was sent again.',
  settle: 'A worker tells the store how its upload ended. Too late is when another one has it by then.',
  slot: 'Room for one upload at a time. A worker with 4 slots works on up to 4 uploads at once.',
} as const;

export type Word = keyof typeof words;
