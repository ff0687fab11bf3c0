import type { Endpoint } from './endpoint.ts';
import { eventsEndpoint } from './events-endpoint.ts';
import { aliveEndpoint, readyEndpoint } from './health-endpoints.ts';
import { cancelEndpoint, jobEndpoint } from './job-endpoint.ts';
import { linksEndpoint } from './links-endpoint.ts';
import { mappingEndpoint } from './mapping-endpoint.ts';
import { openApiEndpoint } from './openapi-endpoint.ts';
import { pauseHost, pauseJob, pauseQueue, resumeHost, resumeJob, resumeQueue } from './pause-endpoints.ts';
import { queueEndpoint } from './queue-endpoint.ts';
import { retryEndpoint } from './retry-endpoint.ts';
import { submitEndpoint } from './submit-endpoint.ts';
import { uploadsEndpoint } from './uploads-endpoint.ts';

/** A path and what can be done there. */
export interface Route {
  /** Below the mount. A name in braces is one whole part of the path, whatever it says. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<string, Endpoint>>>;
  /** Answered without asking `authorize`. */
  readonly open?: true;
  /** There only with the option `operator`, which is asked. */
  readonly operator?: true;
}

/** Every path there is. A trailing slash, a doubled one or another case is another path. */
export const routes: readonly Route[] = [
  { path: '/v1/images/upload', methods: { POST: submitEndpoint } },
  { path: '/v1/images/upload/{jobId}', methods: withHead({ GET: jobEndpoint, DELETE: cancelEndpoint }) },
  { path: '/v1/images/upload/{jobId}/uploads', methods: withHead({ GET: uploadsEndpoint }) },
  { path: '/v1/images/upload/{jobId}/events', methods: withHead({ GET: eventsEndpoint }) },
  { path: '/v1/images/upload/{jobId}/mapping', methods: withHead({ GET: mappingEndpoint }) },
  { path: '/v1/images/upload/{jobId}/retry', methods: { POST: retryEndpoint } },
  { path: '/v1/images/upload/{jobId}/pause', methods: { POST: pauseJob } },
  { path: '/v1/images/upload/{jobId}/resume', methods: { POST: resumeJob } },
  { path: '/v1/images', methods: withHead({ GET: linksEndpoint }) },
  { path: '/v1/queue', methods: withHead({ GET: queueEndpoint }), operator: true },
  { path: '/v1/queue/pause', methods: { POST: pauseQueue }, operator: true },
  { path: '/v1/queue/resume', methods: { POST: resumeQueue }, operator: true },
  { path: '/v1/hosts/{host}/pause', methods: { POST: pauseHost }, operator: true },
  { path: '/v1/hosts/{host}/resume', methods: { POST: resumeHost }, operator: true },
  { path: '/v1/openapi.json', methods: withHead({ GET: openApiEndpoint }) },
  { path: '/healthz', methods: withHead({ GET: aliveEndpoint }), open: true },
  { path: '/readyz', methods: withHead({ GET: readyEndpoint }), open: true },
];

const compiled = routes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

/** A route, and what the path says in the places of its names, as it was sent. */
export interface FoundRoute {
  readonly route: Route;
  readonly names: Readonly<Partial<Record<'jobId' | 'host', string>>>;
}

/** The route of a path below the mount. */
export function findRoute(path: string): FoundRoute | undefined {
  for (const { route, pattern } of compiled) {
    const match = pattern.exec(path);
    if (match !== null) return { route, names: match.groups ?? {} };
  }
  return undefined;
}

/** The methods of a route, as an Allow header has them. */
export function allowed({ methods }: Route): string {
  return Object.keys(methods).join(', ');
}

/** HEAD works wherever GET does: whoever sends the answer leaves its body out. */
function withHead(methods: { readonly GET: Endpoint; readonly DELETE?: Endpoint }): Route['methods'] {
  const { GET, ...others } = methods;
  return { GET, HEAD: GET, ...others };
}
