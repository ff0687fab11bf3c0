import { sealed } from './headers.ts';
import { Problem, problemAnswer } from './problem.ts';

/**
 * What says of an answer that nothing of the monitor is at its path: a contract of `ConnectedHandler` in
 * `@imgferry/http-adapter`, which then asks what else the server has.
 */
const unrouted = Symbol.for('imgferry.unrouted');

/** Whether a request is for the path that the monitor is mounted under, or for one below it. */
export function isBelow(basePath: string, { url }: Request): boolean {
  const { pathname } = new URL(url);
  return pathname === basePath || pathname.startsWith(`${basePath}/`);
}

/** The answer to a request for what is beside the mount. Nobody is asked who they are: it is not ours to guard. */
export function notOurs({ method }: Request): Response {
  const answer = sealed(problemAnswer(new Problem('notFound', 'there is nothing at this path')), method);
  return Object.defineProperty(answer, unrouted, { value: true });
}
