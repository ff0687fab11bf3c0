import type { Server } from 'node:net';

import { createRawHttpServer, rawResponse } from './raw-http-server.ts';

/** A host that answers uploads in Imgur's words and costs next to nothing. */
export interface PictureHost {
  readonly server: Server;
  /** How many pictures came unchanged. */
  readonly accepted: () => number;
}

/** Far from being used up, and there to be read, as Imgur sends them. */
const headers = {
  'content-type': 'application/json',
  'x-ratelimit-clientlimit': '1000000000',
  'x-ratelimit-clientremaining': '1000000000',
  'x-ratelimit-clientreset': '86400',
  'x-ratelimit-userlimit': '1000000000',
  'x-ratelimit-userremaining': '1000000000',
  'x-ratelimit-userreset': '3600',
};
const searchedBytes = 64;

/** Makes a host that takes one picture, as often as it comes, and refuses everything else. */
export function createPictureHost(picture: Buffer): PictureHost {
  let accepted = 0;
  const refusal = rawResponse(
    '400 Bad Request',
    headers,
    reply(400, { error: 'not the picture that was served' }),
  );
  const server = createRawHttpServer(({ body }) => {
    if (!holds(body, picture)) return refusal;
    accepted += 1;
    return rawResponse('200 OK', headers, reply(200, image(accepted, picture.length)));
  });
  return { server, accepted: () => accepted };
}

/** Byte for byte, after whatever the form has before it. */
function holds(body: Buffer, picture: Buffer): boolean {
  const at = body.indexOf(picture.subarray(0, searchedBytes));
  return at !== -1 && body.subarray(at, at + picture.length).equals(picture);
}

function image(number: number, size: number): object {
  const id = number.toString(36).padStart(7, 'A');
  const link = `https://i.imgur.com/${id}.jpg`;
  return { id, deletehash: id.padStart(15, 'D'), type: 'image/jpeg', width: 1, height: 1, size, link };
}

function reply(status: number, data: object): Buffer {
  return Buffer.from(JSON.stringify({ data, success: status === 200, status }));
}
