import { encodeJson, type SettleRequest } from '@imgferry/core';

/** What `settle` is sent: the id of each job once, and for each request the place of its job among them. */
export function encodeSettles(requests: readonly SettleRequest[]): string {
  const places = new Map<string, number>();
  const sent = requests.map(({ lease, posts, outcome }) => {
    const place = places.get(lease.jobId) ?? places.size;
    places.set(lease.jobId, place);
    return [place, lease.index, lease.token, posts, outcome];
  });
  return encodeJson({ jobs: [...places.keys()], requests: sent });
}
