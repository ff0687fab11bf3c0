import type { ImgurTokens } from '@imgferry/core/imgur-host';
import { type ImgurReply, imgurReplies } from '@imgferry/core/testing';
import { canaries } from './canaries.ts';
import type { EchoingAnswer } from './echoing-imgur.ts';
import type { Scene } from './scene.ts';

const { clientId, clientSecret, accessToken, refreshToken, rapidApiKey } = canaries;
const never = new AbortController().signal;

/** The stand-in's own answer, with a deletehash that can be looked for. */
const tellingDeleteHash: ImgurReply = {
  alter: (body) => ({ ...body, data: { ...body.data, deletehash: canaries.deleteHash } }),
};

export async function ferryFromBadSources(scene: Scene): Promise<void> {
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

export async function ferryToABadHost(scene: Scene): Promise<void> {
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
    // One is taken after each that is not: three in a row would be an outage, and wait.
    for (const next of [reply, tellingDeleteHash]) {
      scene.imgur.always(next);
      await scene.ferry(uploader, [scene.sources.good]);
    }
  }
}

const refusal =
  (status: number, words: string): EchoingAnswer =>
  (sent) => [status, { data: { error: `${words}: ${sent}` }, success: false, status }];

/** What can be retried for ever is tried once, and cancelled. */
export async function ferryToAnEcho(scene: Scene): Promise<void> {
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
export async function renewTokens(scene: Scene): Promise<void> {
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
