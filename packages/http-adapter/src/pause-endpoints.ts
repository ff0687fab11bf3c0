import * as v from 'valibot';

import { hostNamePattern, type PauseTarget } from '@imgferry/core';
import type { Endpoint, EndpointCall } from './endpoint.ts';
import { jobEndpoint, noSuchJob } from './job-endpoint.ts';
import { Problem } from './problem.ts';
import { queueEndpoint } from './queue-endpoint.ts';

/** `POST /v1/images/upload/:jobId/pause` and `…/resume`: of one job, which is shown. A body says nothing and is not read. */
export const pauseJob: Endpoint = (call) => steerJob(call, 'pause');
export const resumeJob: Endpoint = (call) => steerJob(call, 'resume');

/** `POST /v1/queue/pause` and `…/resume`: of everything that waits. */
export const pauseQueue: Endpoint = (call) => steerQueue(call, 'pause', 'queue');
export const resumeQueue: Endpoint = (call) => steerQueue(call, 'resume', 'queue');

/** `POST /v1/hosts/:host/pause` and `…/resume`: of what goes to one host. */
export const pauseHost: Endpoint = (call) => steerQueue(call, 'pause', { host: hostName(call.host) });
export const resumeHost: Endpoint = (call) => steerQueue(call, 'resume', { host: hostName(call.host) });

type Step = 'pause' | 'resume';

async function steerJob(call: EndpointCall, step: Step): ReturnType<Endpoint> {
  const { jobId, uploader } = call;
  if (!(await uploader[step]({ jobId }))) throw noSuchJob();
  return jobEndpoint(call);
}

async function steerQueue(call: EndpointCall, step: Step, what: PauseTarget): ReturnType<Endpoint> {
  await call.uploader[step](what);
  return queueEndpoint(call);
}

/** What can be the name of a host, whether or not anything goes there. */
export const hostNameSchema: v.GenericSchema<string> = v.pipe(v.string(), v.regex(hostNamePattern));

/** Any host may be paused, also before its first job; what can not be the name of one is no path. */
function hostName(sent: string): string {
  const name = decoded(sent);
  if (v.is(hostNameSchema, name)) return name;
  throw new Problem('notFound', 'there is no such host');
}

function decoded(sent: string): string | undefined {
  try {
    return decodeURIComponent(sent);
  } catch {
    return undefined;
  }
}
