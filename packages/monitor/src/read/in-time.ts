import { Problem } from '../problem.ts';

/** So long a reading is waited for, in milliseconds. */
const mostMs = 10_000;

/**
 * What is read, unless it takes so long that nobody waits for it any more. Then what it comes to is dropped, so that one
 * reading that never ends does not keep those after it from theirs.
 * @throws Problem
 */
export async function inTime<Value>(read: () => Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(tooSlow()), mostMs);
  try {
    return await Promise.race([read(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(): Problem {
  return new Problem('unavailable', `the store has not answered for ${mostMs / 1_000} s`);
}
