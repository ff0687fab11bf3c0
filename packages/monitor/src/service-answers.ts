import { version } from '@imgferry/core';
import type { Serve } from './call.ts';
import { expositionType, writeMetrics } from './metrics/index.ts';
import { describeMonitor } from './openapi/document.ts';
import type { Session } from './views/index.ts';

/** Who looks, and what they may do. */
export const serveSession: Serve = async ({ visitor: { role, user } }) => {
  const session: Session = { role, user, version };
  return Response.json(session);
};

/** That there is somebody who answers. */
export const serveAlive: Serve = async () => Response.json({ status: 'alive' });

/** What watchers watch. */
export const serveLive: Serve = async (call) => call.live.stream(call);

/** What all of this takes and answers. */
export const serveOpenApi: Serve = async ({ options }) => Response.json(describeMonitor(options));

/** What the store has counted, for Prometheus. */
export const serveMetrics: Serve = async ({ readings }) => {
  const metrics = await writeMetrics({
    stats: () => readings.stats(),
    budget: () => readings.budget(),
    workers: () => readings.workersAndSettings(),
  });
  return new Response(metrics, { headers: { 'content-type': expositionType } });
};
