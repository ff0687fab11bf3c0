/** What the page's few words of the trade mean, for whoever meets them here. */
export const words = {
  attempt:
    'One run at an upload: fetch the image, send it to the host. What fails for now gets another one later.',
  budget: 'How many uploads a host still allows for now. It tells so with its replies; all workers share it.',
  draining:
    'The worker takes no more uploads, goes on with those it has for some seconds, hands back what has not finished by then, and stops for good.',
  lease:
    'A worker has an upload for a short time only, and renews it while it works. If it dies the lease runs out.',
  overdue:
    'The lease of the upload ran out, as its worker died or hangs. Another worker takes the upload over.',
  slot: 'Room for one upload at a time. A worker with 4 slots works on up to 4 uploads at once.',
} as const;

export type Word = keyof typeof words;
