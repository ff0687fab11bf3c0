import type { Lease } from '../lease.ts';

/** A lease for a test: the first attempt of the first upload of `job-1`, apart from what is given. */
export function aLease(facts: Partial<Lease> = {}): Lease {
  const index = facts.index ?? 0;
  return {
    jobId: 'job-1',
    index,
    url: `https://pictures.example/${index}.png`,
    attempt: facts.runAttempt ?? 1,
    runAttempt: facts.attempt ?? 1,
    expiries: 0,
    possiblyDuplicated: false,
    token: 1,
    jobStarted: false,
    options: {},
    ...facts,
  };
}
