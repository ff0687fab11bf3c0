import { once } from 'node:events';

import { InvalidOptionError, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost, type ImgurTokens } from '@imgferry/core/imgur-host';
import { type ImgurReply, imgurReplies } from '@imgferry/core/testing';
import { createFetchHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { RedisStore } from '@imgferry/redis-store';
import { signed } from './bad-sources.ts';
import { canaries } from './canaries.ts';
import { carelessHost, carelessPaths, carelessSource } from './careless-parts.ts';
import type { EchoingAnswer } from './echoing-imgur.ts';
import type { Scene } from './scene.ts';
import { ask, askForEverything } from './tour.ts';

const { clientId, clientSecret, accessToken, refreshToken, rapidApiKey, redisPassword, signature } = canaries;
const never = new AbortController().signal;

/** Lets everything go wrong that can, one act after the other. */
export async function play(scene: Scene): Promise<void> {
  await ferryFromBadSources(scene);
  await ferryToABadHost(scene);
  await ferryToAnEcho(scene);
  await renewTokens(scene);
  await ferryWithCarelessParts(scene);
  await poison(scene);
  await stopInTheMiddle(scene);
  await lookAtObjects(scene);
  await lookAround(scene);
  await beRefused(scene);
  await loseRedis(scene);
}

/** The stand-in's own answer, with a deletehash that can be looked for. */
const tellingDeleteHash: ImgurReply = {
  alter: (body) => ({ ...body, data: { ...body.data, deletehash: canaries.deleteHash } }),
};

async function ferryFromBadSources(scene: Scene): Promise<void> {
  const host = scene.imgurHost('imgur', scene.imgur.url);
  const uploader = scene.uploader(host);
  scene.imgur.always(tellingDeleteHash);
  const urls = [scene.sources.good, ...scene.sources.urls.values()];
  const jobId = await scene.ferry(uploader, urls, { album: canaries.albumHash });
  scene.diary.see('what deleteHashes answers', await uploader.deleteHashes(jobId));
  await scene.seeUploads(uploader, jobId);
  for (const url of urls)
    await scene.source.open(url, { limits: host.limits, signal: never }).then(
      (image) => {
        scene.diary.see('an object that was looked at', image);
        image.dispose();
      },
      (error: unknown) => scene.diary.seeError(error),
    );
  const impatient = { source: scene.httpSource({ headersTimeoutMs: 50 }) };
  await scene.ferry(scene.uploader(scene.imgurHost('imgur-slow', scene.imgur.url), impatient), [
    scene.sources.silent,
  ]);
  scene.diary.see('what the source was sent', scene.sources.heard);
}

async function ferryToABadHost(scene: Scene): Promise<void> {
  const uploader = scene.uploader(scene.imgurHost('imgur-bad', scene.imgur.url));
  const echo = {
    data: { error: `no: ${clientId} ${Buffer.from(clientId).toString('base64')}` },
    success: false,
  };
  // The first one tells what the host allows, so that nothing waits for a probe.
  for (const reply of [
    tellingDeleteHash,
    imgurReplies.resetAfterBody(),
    imgurReplies.resetBeforeBody(),
    imgurReplies.foreignLink(`https://imgur.example/${clientId}.png`),
    { answer: { status: 500, contentType: 'application/json', body: JSON.stringify(echo) } },
    tellingDeleteHash,
  ]) {
    scene.imgur.always(reply);
    await scene.ferry(uploader, [scene.sources.good]);
  }
}

const refusal =
  (status: number, words: string): EchoingAnswer =>
  (sent) => [status, { data: { error: `${words}: ${sent}` }, success: false, status }];

/** What can be retried for ever is tried once, and cancelled. */
async function ferryToAnEcho(scene: Scene): Promise<void> {
  const { echo, sources } = scene;
  const account = { accessToken, refreshToken, clientSecret };
  const hosts = {
    rejects: {},
    blocks: {},
    overloaded: {},
    limits: {},
    unavailable: {},
    refuses: account,
    gateway: { rapidApiKey },
  };
  const answers: Readonly<Record<keyof typeof hosts, EchoingAnswer>> = {
    rejects: (sent) => [
      400,
      { data: { error: { code: 1003, message: `bad type ${sent}` } }, success: false },
    ],
    blocks: refusal(400, 'These actions are forbidden.'),
    overloaded: refusal(403, 'Imgur is temporarily over capacity'),
    limits: refusal(429, 'You are uploading too fast. Please wait 30 more minutes'),
    unavailable: (sent) => [502, `<html>${sent}</html>`],
    refuses: (sent, { url }) =>
      url === '/oauth2/token'
        ? [400, { data: { error: `Invalid refresh token ${sent}` }, success: false }]
        : [403, { data: { error: `The access token provided is invalid. ${sent}` }, success: false }],
    gateway: (sent) => [403, { message: `you are not subscribed ${sent}` }],
  };
  for (const [name, options] of Object.entries(hosts)) {
    const host = scene.imgurHost(`echo-${name}`, echo.url, options);
    const uploader = scene.uploader(host);
    echo.answer = answers[name as keyof typeof hosts];
    const ferry = ['rejects', 'unavailable'].includes(name) ? 'ferry' : 'ferryUntilItWaits';
    await scene[ferry](uploader, [sources.good], { album: canaries.albumHash, title: 'a title' });
    await host
      .delete(canaries.deleteHash, { signal: never })
      .catch((error: unknown) => scene.diary.seeError(error));
    await uploader.stop({ timeoutMs: 0 });
  }
  scene.diary.see('what the host was sent', ...echo.heard);
}

/** The account's access token is refused and renewed, and the renewed one too is refused in time. */
async function renewTokens(scene: Scene): Promise<void> {
  const { imgur, diary } = scene;
  let kept = { accessToken: 'an-old-access-token', refreshToken: 'an-old-refresh-token' };
  const credentials = {
    load: async () => kept,
    save: async (tokens: ImgurTokens) => {
      kept = { refreshToken: '', ...tokens };
      diary.learn(tokens.accessToken, tokens.refreshToken ?? '');
    },
  };
  const host = scene.imgurHost('renewing', imgur.url, { credentials, clientSecret });
  const uploader = scene.uploader(host);
  imgur.revoke(kept.accessToken);
  await scene.ferry(uploader, [scene.sources.good]);
  const { accessToken: renewed, refreshToken: next } = kept;
  const words = `access token ${renewed} and ${next} and ${Buffer.from(renewed).toString('base64')}`;
  const body = JSON.stringify({ data: { error: words }, success: false, status: 403 });
  imgur.always({ answer: { status: 403, contentType: 'application/json', body } });
  await scene.ferryUntilItWaits(uploader, [scene.sources.good]);
  imgur.always(tellingDeleteHash);
  diary.see('an object that was looked at', host, uploader);
}

async function ferryWithCarelessParts(scene: Scene): Promise<void> {
  const urls = carelessPaths.map((path) => `https://careless.example${path}${signed}`);
  for (const [name, parts] of [
    ['careless', {}],
    ['careless-console', { console: true }],
  ] as const) {
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const host = carelessHost(name, () => {
      reached.resolve();
      return gate.promise;
    });
    const uploader = scene.uploader(host, { source: carelessSource, ...parts });
    if (name === 'careless-console')
      uploader.on('job:created', () => {
        throw Object.assign(new Error(`my own: Bearer ${accessToken}`), {
          headers: { authorization: accessToken },
        });
      });
    await scene.seeUploads(uploader, await scene.ferry(uploader, urls));
    for (const title of ['error', 'reading'])
      await scene.seeUploads(
        uploader,
        await scene.ferry(uploader, [`https://careless.example/${signed}`], { title }),
      );
    const { jobId } = await uploader.submit([`https://careless.example/late${signed}`]);
    await reached.promise;
    // By another process: this one learns of it when it settles in vain, and deletes its image.
    await scene.store.cancel(jobId);
    gate.resolve();
    await uploader.stop();
  }
  const credentials = {
    load: () =>
      Promise.reject(Object.assign(new Error(`no row for ${refreshToken}`), { query: accessToken })),
    save: () => Promise.resolve(),
  };
  const host = scene.imgurHost('careless-tokens', scene.imgur.url, { credentials, clientSecret });
  await scene.ferryUntilItWaits(scene.uploader(host), [scene.sources.good]);
}

/** Three workers die while they hold it. */
async function poison(scene: Scene): Promise<void> {
  const uploader = scene.uploader(
    carelessHost('dying', async () => {}),
    { source: carelessSource },
  );
  const { jobId } = await uploader.submit([`https://careless.example/poison${signed}`], {
    album: canaries.albumHash,
  });
  scene.jobs.push(jobId);
  const claim = { host: 'dying', limit: 1, leaseMs: 1, workerId: 'a worker' };
  for (let claims = 0; claims < 3; ) {
    const { leases } = await scene.store.queue.claim(claim);
    scene.diary.see('a lease', ...leases);
    claims += leases.length;
  }
  await scene.ferry(uploader, [`https://careless.example/${signed}`]);
  await uploader.finished(jobId);
}

async function stopInTheMiddle(scene: Scene): Promise<void> {
  const uploader = scene.uploader(scene.imgurHost('imgur-stopped', scene.imgur.url));
  const hold = scene.imgur.hold();
  const { jobId } = await uploader.submit([scene.sources.good]);
  uploader.start();
  await hold.waitFor(1);
  await scene.seeFleet(uploader);
  await uploader.stop({ timeoutMs: 0 });
  hold.release();
  scene.diary.see('an object that was looked at', await uploader.job(jobId), await uploader.uploads(jobId));
  const other = scene.uploader(scene.imgurHost('imgur-stopped', scene.imgur.url));
  other.start();
  await other.finished(jobId);
  await other.cancel(jobId);
  await other.retry(jobId);
}

/** What is made with secrets, looked at from outside; and what is refused because of them. */
async function lookAtObjects(scene: Scene): Promise<void> {
  const { diary, store, source } = scene;
  const credentials = { load: async () => ({ accessToken, refreshToken }), save: async () => {} };
  const kept = scene.imgurHost('looked-at', scene.imgur.url, { credentials, clientSecret, rapidApiKey });
  const account = scene.imgurHost('looked-at', scene.imgur.url, { accessToken, refreshToken, clientSecret });
  const uploader = scene.uploader(kept);
  const memory = new Uploader({ store: new MemoryStore(), source, host: account });
  await memory.submit([scene.sources.good]);
  const handler = createFetchHandler(memory);
  const objects = [
    store,
    store.queue,
    store.budget,
    store.fleet,
    source,
    kept,
    account,
    uploader,
    memory,
    handler,
  ];
  diary.see('an object that was looked at', ...objects, { ...kept }, { ...store }, { ...uploader });
  const bad: readonly (() => unknown)[] = [
    () => createImgurHost({ clientId: `${clientId} ` }),
    () => createImgurHost({ clientId, apiUrl: `https://me:${rapidApiKey}@imgur.example/` }),
    () => createImgurHost({ clientId, accessToken: `${accessToken}\n` }),
    () => createImgurHost({ clientId, refreshToken }),
    () => createHttpSource({ denyHosts: [`https://me:${accessToken}@inside.example`] }),
    () => createHttpSource({ allow: [`http://10.0.0.1/?sig=${signature}`] }),
    () => createFetchHandler(uploader, { cors: { origins: [`https://me:${accessToken}@app.example`] } }),
    () => createFetchHandler(uploader, { basePath: `/images?token=${accessToken}` }),
    () => new RedisStore({ url: `http://:${encodeURIComponent(redisPassword)}@127.0.0.1` }),
    () => new RedisStore({ url: `redis://:${encodeURIComponent(redisPassword)}@127.0.0.1?keyPrefix=x` }),
    () => new RedisStore({ url: `redis://:${redisPassword}@127.0.0.1` }),
    () => new RedisStore({ url: `redis://:${encodeURIComponent(redisPassword)}%zz@127.0.0.1` }),
  ];
  for (const make of bad)
    try {
      make();
      throw new Error(`it was taken: ${make}`);
    } catch (error) {
      if (!(error instanceof InvalidOptionError)) throw error;
      diary.seeError(error);
    }
}

async function lookAround(scene: Scene): Promise<void> {
  const uploader = scene.uploader(scene.imgurHost('imgur', scene.imgur.url));
  const { diary } = scene;
  await askForEverything(scene.handlerFor(uploader), scene.jobs, diary);
  const careless = scene.handlerFor(uploader, () => {
    throw Object.assign(new Error(`no session for Bearer ${accessToken}`), {
      headers: { authorization: accessToken },
    });
  });
  await ask(careless, '/v1/images', {}, diary);
  for (const jobId of scene.jobs) await scene.seeUploads(uploader, jobId);
  diary.see('the statistics', await scene.store.stats());
  diary.see('the fleet', await uploader.workers());
  await scene.seeRedis();
}

/** Redis does not take the password. */
async function beRefused(scene: Scene): Promise<void> {
  for (const password of [`${redisPassword}?`, redisPassword.slice(1)]) {
    const store = scene.redisStore(password);
    await store.ready().catch((error: unknown) => scene.diary.seeError(error));
    const uploader = scene.uploader(scene.imgurHost('imgur', scene.imgur.url), { store });
    uploader.start();
    await uploader.submit([scene.sources.good]).catch((error: unknown) => scene.diary.seeError(error));
    await ask(scene.handlerFor(uploader), '/v1/images', {}, scene.diary);
  }
  await scene.seeRedis();
}

/** Redis goes away under a worker, then takes the password no more. */
async function loseRedis(scene: Scene): Promise<void> {
  const { diary } = scene;
  const store = scene.redisStore(redisPassword);
  await store.ready();
  const uploader = scene.uploader(scene.imgurHost('imgur', scene.imgur.url), { store });
  const quiet = scene.uploader(scene.imgurHost('imgur', scene.imgur.url), { store, console: true });
  uploader.start();
  quiet.start();
  const away = Promise.withResolvers<unknown>();
  uploader.on('error', away.resolve);
  await scene.redis.kill();
  await away.promise;
  const handler = scene.handlerFor(uploader);
  const urls = JSON.stringify({ urls: [scene.sources.good] });
  const headers = { 'content-type': 'application/json' };
  await Promise.all([
    ask(handler, '/v1/images/upload', { method: 'POST', headers, body: urls }, diary),
    ask(handler, '/v1/images', {}, diary),
    ask(handler, '/readyz', {}, diary),
    uploader.submit([scene.sources.good]).catch((error: unknown) => diary.seeError(error)),
  ]);
  await scene.redis.restart();
  await store.stats().catch((error: unknown) => diary.seeError(error));
  const back = scene.redisClient();
  if (back.status !== 'ready') await once(back, 'ready');
  await back.config('SET', 'requirepass', 'another');
  await back.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await store.stats().catch((error: unknown) => diary.seeError(error));
}
