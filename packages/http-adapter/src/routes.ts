import type { Endpoint } from './endpoint.ts';
import { aliveEndpoint, readyEndpoint } from './health-endpoints.ts';
import { cancelEndpoint, jobEndpoint } from './job-endpoint.ts';
import { linksEndpoint } from './links-endpoint.ts';
import { openApiEndpoint } from './openapi-endpoint.ts';
import { submitEndpoint } from './submit-endpoint.ts';
import { uploadsEndpoint } from './uploads-endpoint.ts';

/** A path and what can be done there. */
export interface Route {
  readonly path: RegExp;
  readonly methods: Readonly<Partial<Record<string, Endpoint>>>;
  /** Answered without asking `authorize`. */
  readonly open?: true;
}

/** Every path there is. A trailing slash, a doubled one or another case is another path. */
export const routes: readonly Route[] = [
  { path: /^\/v1\/images\/upload$/, methods: { POST: submitEndpoint } },
  {
    path: /^\/v1\/images\/upload\/([^/]+)$/,
    methods: withHead({ GET: jobEndpoint, DELETE: cancelEndpoint }),
  },
  { path: /^\/v1\/images\/upload\/([^/]+)\/uploads$/, methods: withHead({ GET: uploadsEndpoint }) },
  { path: /^\/v1\/images$/, methods: withHead({ GET: linksEndpoint }) },
  { path: /^\/v1\/openapi\.json$/, methods: withHead({ GET: openApiEndpoint }) },
  { path: /^\/healthz$/, methods: withHead({ GET: aliveEndpoint }), open: true },
  { path: /^\/readyz$/, methods: withHead({ GET: readyEndpoint }), open: true },
];

/** The route of a path below the mount, and the part of the path that names a job. */
export function findRoute(
  path: string,
): { readonly route: Route; readonly jobId: string | undefined } | undefined {
  for (const route of routes) {
    const match = route.path.exec(path);
    if (match !== null) return { route, jobId: match[1] };
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
