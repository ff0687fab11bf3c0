import type { Taken } from './stopwatch.ts';

/** What one run of a contender came to. */
export interface Ferried extends Taken {
  /** How many pictures have a link. */
  readonly complete: number;
}

/** What every contender can be asked for: to ferry so many pictures, in jobs of a hundred. */
export type Contender = {
  readonly ferry: (count: number) => Promise<Ferried>;
};

const urlsPerJob = 100;

/** URLs that all differ, by jobs. */
export function jobsOf(server: string, count: number): string[][] {
  return Array.from({ length: Math.ceil(count / urlsPerJob) }, (_, job) =>
    Array.from(
      { length: Math.min(urlsPerJob, count - job * urlsPerJob) },
      (_, index) => `${server}/a-folder-of-some-length/${job}/${index}.jpg`,
    ),
  );
}
