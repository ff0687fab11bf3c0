import type { FetchHandler } from '@imgferry/http-adapter';
import { canaries } from './canaries.ts';
import type { Diary } from './diary.ts';

const json = { 'content-type': 'application/json' };
const post = (body: string, headers: Record<string, string> = json): RequestInit => ({
  method: 'POST',
  headers,
  body,
});

/** Submits that are refused, each with something in it that must not come back. */
const refused: readonly RequestInit[] = [
  post(JSON.stringify({ urls: [`https://me:${encodeURIComponent(canaries.redisPassword)}@a.example/`] })),
  post(
    JSON.stringify({
      urls: [`ftp://a.example/?sig=${canaries.signature}`, `https://a.example/\n${canaries.signature}`],
    }),
  ),
  post(JSON.stringify({ urls: [`${canaries.signature}`, 7, { token: canaries.accessToken }] })),
  post(`{"urls": ["https://a.example/?X-Amz-Signature=${canaries.signature}"`),
  post(`{"token": "${canaries.accessToken}"}`),
  post(`{"urls": ["https://a.example/?${canaries.signature}"]}`, {
    'content-type': `text/${canaries.signature}`,
  }),
  post(`{"urls": ["https://a.example/"]}`, { ...json, 'content-encoding': canaries.signature }),
  post(`{"urls": ["https://a.example/"]}`, { ...json, 'idempotency-key': `é${canaries.accessToken}` }),
];

/**
 * Asks for everything there is, also for what may come to be there, and writes down every answer.
 * @param beginning The id of the first event of history.
 */
export async function askForEverything(
  handler: FetchHandler,
  jobIds: readonly string[],
  diary: Diary,
  beginning: string,
): Promise<void> {
  for (const init of refused) await ask(handler, '/v1/images/upload', init, diary);
  for (const jobId of jobIds) {
    const job = `/v1/images/upload/${jobId}`;
    await ask(handler, job, {}, diary);
    await ask(handler, `${job}/uploads?limit=1000`, {}, diary);
    await ask(handler, `${job}/uploads?status=failed`, { headers: { accept: 'text/csv' } }, diary);
    await ask(handler, `${job}/events`, { headers: { 'last-event-id': '0' } }, diary);
    await ask(handler, `${job}/events`, {}, diary);
    await ask(handler, `${job}/events?after=${beginning}`, {}, diary);
    await ask(handler, `${job}/mapping`, {}, diary);
    for (const verb of ['pause', 'resume']) await ask(handler, `${job}/${verb}`, { method: 'POST' }, diary);
  }
  const paths = ['/v1/images', '/v1/images?limit=2', '/v1/openapi.json', '/healthz', '/readyz', '/nothing'];
  for (const path of [
    ...paths,
    `/v1/images?cursor=${canaries.signature}`,
    `/v1/images/upload/${canaries.signature}`,
  ]) {
    await ask(handler, path, {}, diary);
    await ask(handler, path, { method: 'PATCH' }, diary);
  }
}

/** Asks for one thing. Answers the status. */
export async function ask(
  handler: FetchHandler,
  path: string,
  init: RequestInit,
  diary: Diary,
): Promise<number> {
  const enough = AbortSignal.timeout(5_000);
  const answer = await handler(new Request(`http://service.example${path}`, { ...init, signal: enough }));
  const body = await answer.text();
  const headers = JSON.stringify([...answer.headers]);
  diary.see(
    answer.status >= 400 ? 'a problem of the endpoints' : 'an answer of the endpoints',
    `${headers} ${body}`,
  );
  diary.happened.add(`${init.method ?? 'GET'} ${answer.status}`);
  return answer.status;
}
