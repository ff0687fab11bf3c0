import type { Uploader } from '@imgferry/core';
import { createMonitor, type Monitor } from '@imgferry/monitor';
import { canaries } from './canaries.ts';
import type { Diary, Place } from './diary.ts';
import type { Scene } from './scene.ts';

const { monitorPassword, signature, accessToken } = canaries;
const user = 'an-operator';
const headers = {
  host: 'monitor.example',
  authorization: `Basic ${Buffer.from(`${user}:${monitorPassword}`).toString('base64')}`,
  'sec-fetch-site': 'same-origin',
  'x-imgferry-monitor': '1',
};

/** Asks the monitor for all that its document names, of every job and worker there is, as one who may do everything. */
export async function lookAtTheMonitor(scene: Scene): Promise<void> {
  const { diary } = scene;
  const uploader = scene.uploader(scene.imgurHost('imgur', scene.imgur.url));
  const monitor = monitorOf(scene, uploader);
  diary.see('what the monitor was sent', headers.authorization);
  diary.see('an object that was looked at', monitor);
  const workerIds = (await uploader.workers()).map(({ id }) => id);
  const paths = await pathsOf(monitor, diary, { jobId: scene.jobs, workerId: workerIds, host: ['imgur'] });
  for (const { method, path } of paths) await ask(monitor, path, { method, headers }, diary);
  await askForNothing(monitor, diary);
  for (const jobId of scene.jobs) await watch(monitor, [`jobs/${jobId}`, `jobs/${jobId}/uploads`], diary);
  await watch(monitor, ['overview', 'queue', 'workers', 'settings'], diary);
  await ask(monitor, `/?token=${accessToken}`, { headers }, diary);
}

/** Looks at each worker and what it holds. */
export async function lookAtTheWorkers(scene: Scene, uploader: Uploader): Promise<void> {
  const ids = (await uploader.workers()).map(({ id }) => id);
  for (const id of ids) await watch(monitorOf(scene, uploader), [`workers/${id}`], scene.diary);
}

function monitorOf(scene: Scene, uploader: Uploader): Monitor {
  return scene.monitorFor(uploader, { user, password: monitorPassword, role: 'write' });
}

/** Monitors that are refused because of what is secret. */
export function refusedMonitors(scene: Scene): readonly (() => unknown)[] {
  const uploader = scene.uploader(scene.imgurHost('imgur', scene.imgur.url));
  const users = (name: string, password: string) => () =>
    createMonitor(uploader, { access: { users: [{ user: name, password, role: 'write' }] } });
  return [
    users(`${user}:${monitorPassword}`, monitorPassword),
    users(user, monitorPassword.slice(-7)),
    () => createMonitor(uploader, { access: { loopback: `me:${monitorPassword}@monitor.example` } }),
    () => createMonitor(uploader, { access: { anonymous: 'read' }, basePath: `/?token=${accessToken}` }),
  ];
}

interface Asked {
  readonly method: string;
  readonly path: string;
}

/** Each path of the document with each name that it can have, and what the page is made of; what changes something last. */
async function pathsOf(
  monitor: Monitor,
  diary: Diary,
  names: Readonly<Record<string, readonly string[]>>,
): Promise<Asked[]> {
  const document: { readonly paths: Record<string, object> } = JSON.parse(
    await ask(monitor, '/api/openapi.json', { headers }, diary),
  );
  const asked = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).flatMap((method) =>
      filled(path, names).map((each) => ({ method: method.toUpperCase(), path: each })),
    ),
  );
  const lasting = asked.filter(({ path }) => path !== '/api/live');
  // What is retried is not to run.
  const rankOf = ({ method, path }: Asked): number =>
    method === 'GET' ? 0 : path.endsWith('/cancel') ? 2 : 1;
  const style = [...(await ask(monitor, '/', { headers }, diary)).matchAll(/(?:src|href)="([^":]+)"/g)];
  return [
    ...style.map(([, path]) => ({ method: 'GET', path: `/${path}` })),
    ...lasting.toSorted((one, another) => rankOf(one) - rankOf(another)),
  ];
}

function filled(path: string, names: Readonly<Record<string, readonly string[]>>): string[] {
  const [whole, name = ''] = /\{(\w+)\}/.exec(path) ?? [];
  if (whole === undefined) return [path];
  return (names[name] ?? []).map((value) => path.replace(whole, encodeURIComponent(value)));
}

/** What is refused, each with something in it that must not come back. */
async function askForNothing(monitor: Monitor, diary: Diary): Promise<void> {
  const wrong = { ...headers, authorization: `Basic ${btoa(`${user}:${monitorPassword}?`)}` };
  const body = (text: string): RequestInit => ({
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: text,
  });
  await ask(monitor, '/api/overview', {}, diary);
  await ask(monitor, '/metrics', { headers: wrong }, diary);
  await ask(
    monitor,
    '/api/queue/pause',
    { method: 'POST', headers: { ...headers, 'sec-fetch-site': 'cross-site' } },
    diary,
  );
  await ask(monitor, `/api/jobs/${signature}`, { headers }, diary);
  await ask(monitor, `/api/jobs?cursor=${signature}`, { headers }, diary);
  await ask(monitor, `/api/jobs?status=${signature}`, { headers }, diary);
  await ask(monitor, `/api/live?watch=${signature}`, { headers }, diary);
  await ask(monitor, '/api/jobs/an-id/retry', body(`{"codes": ["${signature}"]}`), diary);
  await ask(monitor, '/api/workers/all/resize', body(`{"slots": "${signature}"`), diary);
}

async function ask(monitor: Monitor, path: string, init: RequestInit, diary: Diary): Promise<string> {
  const answer = await monitor(new Request(`http://monitor.example${path}`, init));
  const text = await answer.text();
  diary.see(placeOf(path, answer.status), `${JSON.stringify([...answer.headers])} ${text}`);
  diary.happened.add(`monitor ${init.method ?? 'GET'} ${answer.status}`);
  return text;
}

function placeOf(path: string, status: number): Place {
  if (status >= 400) return 'a problem of the monitor';
  return path.endsWith('/delete-hashes') ? 'the deletehashes at the monitor' : 'an answer of the monitor';
}

/** Reads a stream until all that is watched has been told. */
async function watch(monitor: Monitor, watched: readonly string[], diary: Diary): Promise<void> {
  const query = watched.map((each) => `watch=${encodeURIComponent(each)}`).join('&');
  const leave = new AbortController();
  const request = new Request(`http://monitor.example/api/live?${query}`, { headers, signal: leave.signal });
  const answer = await monitor(request);
  let text = '';
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if ((text.match(/^event: (change|trouble)$/gm)?.length ?? 0) >= watched.length) break;
  }
  leave.abort();
  diary.see('an answer of the monitor', text);
}
