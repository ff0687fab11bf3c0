import { inspect } from 'node:util';

import {
  type Host,
  type HostUpload,
  type ImageTransform,
  type Source,
  type SourceImage,
  type Store,
  TransferError,
} from '@imgferry/core';
import { createFakeHost, sampleImage } from '@imgferry/core/testing';
import { canaries } from './canaries.ts';

const {
  clientId,
  clientSecret,
  accessToken,
  refreshToken,
  rapidApiKey,
  redisPassword,
  deleteHash,
  signature,
  sasSignature,
  fragment,
} = canaries;

/** An error as clients throw them: with the request that failed, its headers and what it was sent to. */
function clientError(words: string): Error {
  const headers = { authorization: `Bearer ${accessToken}`, 'x-rapidapi-key': rapidApiKey };
  const config = { headers, data: { client_secret: clientSecret, refresh_token: refreshToken } };
  const below = new Error(`connect redis://:${encodeURIComponent(redisPassword)}@10.0.0.1:6379 failed`);
  const aggregate = new AggregateError([below, new Error(`Authorization: Client-ID ${clientId}`)], words);
  return Object.assign(new Error(words, { cause: Object.assign(aggregate, { config }) }), { config });
}

/** How words of an error spell what was sent. */
const sent = {
  authorization: `Bearer ${accessToken}`,
  cookie: `sid=${refreshToken}; b=c`,
  'x-api-key': rapidApiKey,
};
const headerLines: readonly string[] = [
  `Authorization: Bearer ${accessToken}`,
  `authorization: Token ${accessToken}`,
  `Proxy-Authorization: Digest username="me", response="${accessToken}"`,
  `x-api-key: ${rapidApiKey}`,
  `set-cookie: sid=${refreshToken}; Path=/`,
  `session=${refreshToken}&passwd=${accessToken}&client_secret=${clientSecret}`,
  `password="${redisPassword}"`,
  JSON.stringify(sent),
  JSON.stringify(JSON.stringify(sent)),
  inspect(sent),
  inspect(Object.entries(sent).flat()),
];

/** In which ways a source of an application's own fails, by the path of the URL. */
const faults: Readonly<Record<string, (url: string) => unknown>> = {
  '/error': (url) => clientError(`GET ${url} with Bearer ${accessToken} failed`),
  ...Object.fromEntries(headerLines.map((line, at) => [`/header-${at}`, () => new Error(`sent: ${line}`)])),
  '/lines': (url) => new Error(`\u001b[31m\nGET ${new URL(url).search}\n{"level":60,"msg":"all is lost"}`),
  '/words': () => new Error(`${signature} has expired, and so have ${sasSignature} and ${fragment}`),
  '/text': (url) => `could not open ${url}`,
  '/object': (url) => ({ url, accessToken }),
  '/failure': (url) =>
    new TransferError(
      'source_status',
      `GET ${url} says no to 10.0.0.5:5432 and redis://:${encodeURIComponent(redisPassword)}@x`,
      {
        cause: clientError(url),
      },
    ),
  '/retried': (url) =>
    new TransferError('source_unavailable', `GET ${url}: 503`, { cause: clientError(url) }),
};

export const carelessPaths = Object.keys(faults);

/** A source that lets everything slip in what it throws; what has no such path is a picture. */
export const carelessSource: Source = {
  settings: {
    ...sent,
    apiKey: rapidApiKey,
    query: `https://a.example/?sig=${signature}#${fragment}`,
    url: `redis://:${encodeURIComponent(redisPassword)}@10.0.0.1:6379`,
    header: `authorization: Client-ID ${clientId}`,
    isCareless: true,
  },
  async open(url): Promise<SourceImage> {
    const fault = faults[new URL(url).pathname];
    if (fault !== undefined) throw fault(url);
    const image = sampleImage('image/png');
    return { type: 'image/png', bytes: image.length, body: [image], dispose: () => {} };
  },
};

/** A transform that does the same with every picture. */
export const carelessTransform: ImageTransform = {
  maxBytes: { 'image/png': 1_000_000 },
  transform: ({ url }) => Promise.reject(clientError(`converting ${url} failed`)),
};

/** A host that does the same; by what the job's title says. */
export function carelessHost(name: string, beforeItAnswers: () => Promise<void>): Host {
  return {
    name,
    limits: createFakeHost().limits,
    async upload(_image, { title }): Promise<HostUpload> {
      if (title === 'error') throw clientError(`POST with Bearer ${accessToken} failed`);
      if (title === 'reading') {
        const reading = { scope: accessToken, headers: { authorization: accessToken } } as never;
        return { link: 'https://img.example/1', deleteHash, reading };
      }
      await beforeItAnswers();
      return { link: 'https://img.example/2', deleteHash };
    },
    delete: (hash) => Promise.reject(clientError(`DELETE /image/${hash} failed`)),
  };
}

/** A store that does the same when it is asked for the link of an image. */
export function carelessStore(store: Store): Store {
  const recall = (digest: string): Promise<never> =>
    Promise.reject(clientError(`GET image:${digest} with Bearer ${accessToken} failed for ${signature}`));
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'recall') return recall;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
