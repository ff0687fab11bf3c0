import type { Call, Serve, Write } from './call.ts';
import { assets, servePage } from './page-answers.ts';
import { pathPattern } from './path-pattern.ts';
import { readDeleteHashes } from './read/delete-hashes.ts';
import { looks } from './read/looks.ts';
import { serveAlive, serveLive, serveMetrics, serveOpenApi, serveSession } from './service-answers.ts';
import { cancelJob, pauseJob, resumeJob, retryJob } from './write/steer-job.ts';
import { pauseHost, pauseQueue, resumeHost, resumeQueue } from './write/steer-queue.ts';
import { drainWorker, pauseWorker, resizeWorker, resumeWorker } from './write/steer-workers.ts';

/** A path and what is there. */
export interface Route {
  /** Below the mount. A name in braces is one whole part of the path. */
  readonly path: string;
  /** A GET changes nothing, a POST may. */
  readonly method: 'GET' | 'POST';
  readonly answer: Serve;
  /** What only those may ask for who may steer, and no page but ours. */
  readonly isForWriters: boolean;
}

/** Every path there is. A trailing slash, a doubled one or another case is another path. */
export const routes: readonly Route[] = [
  served('/', servePage),
  ...Object.entries(assets).map(([path, serve]) => served(path, serve)),
  served('/healthz', serveAlive),
  served('/metrics', serveMetrics),
  served('/api/openapi.json', serveOpenApi),
  served('/api/session', serveSession),
  served('/api/live', serveLive),
  ...Object.entries(looks).map(([path, { read, check }]) =>
    served(path, async (call) => {
      check(call.query);
      return json(read, call);
    }),
  ),
  {
    ...served('/api/jobs/{jobId}/delete-hashes', (call) => json(readDeleteHashes, call)),
    isForWriters: true,
  },
  written('/api/jobs/{jobId}/cancel', cancelJob),
  written('/api/jobs/{jobId}/retry', retryJob),
  written('/api/jobs/{jobId}/pause', pauseJob),
  written('/api/jobs/{jobId}/resume', resumeJob),
  written('/api/queue/pause', pauseQueue),
  written('/api/queue/resume', resumeQueue),
  written('/api/hosts/{host}/pause', pauseHost),
  written('/api/hosts/{host}/resume', resumeHost),
  written('/api/workers/{workerId}/pause', pauseWorker),
  written('/api/workers/{workerId}/resume', resumeWorker),
  written('/api/workers/{workerId}/drain', drainWorker),
  written('/api/workers/{workerId}/resize', resizeWorker),
];

const compiled = routes.map((route) => ({ route, fits: pathPattern(route.path) }));

/** A route, and what the path names. */
export interface FoundRoute {
  readonly route: Route;
  readonly name: string;
}

/** The route of a path below the mount. */
export function findRoute(path: string): FoundRoute | undefined {
  for (const { route, fits } of compiled) {
    const name = fits(path);
    if (name !== undefined) return { route, name };
  }
  return undefined;
}

function served(path: string, answer: Serve): Route {
  return { path, method: 'GET', answer, isForWriters: false };
}

function written(path: string, write: Write): Route {
  return { path, method: 'POST', answer: (call) => steered(write, call), isForWriters: true };
}

/** Also one that failed may have changed something, such as one whose answer did not come. */
async function steered(write: Write, call: Call): Promise<Response> {
  try {
    return await json(write, call);
  } finally {
    call.live.lookAgain();
  }
}

async function json(answer: (call: Call) => Promise<unknown>, call: Call): Promise<Response> {
  return Response.json(await answer(call));
}
