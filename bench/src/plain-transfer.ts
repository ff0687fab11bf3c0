import { randomUUID } from 'node:crypto';

import { request } from 'undici';

/** Downloads a picture and uploads it, as most people write it. Answers its link. */
export async function ferryPicture(url: string, host: string, title?: string): Promise<string> {
  return upload(host, await download(url), title);
}

async function download(url: string): Promise<Buffer> {
  const { statusCode, body } = await request(url);
  if (statusCode !== 200) throw new Error(`${url} was answered with ${statusCode}`);
  return Buffer.from(await body.arrayBuffer());
}

async function upload(host: string, picture: Buffer, title: string | undefined): Promise<string> {
  const boundary = randomUUID();
  const { statusCode, body } = await request(`${host}/3/image`, {
    method: 'POST',
    headers: {
      authorization: 'Client-ID bench',
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    body: formOf(boundary, picture, title),
  });
  const reply = (await body.json()) as { readonly data: { readonly link: string } };
  if (statusCode !== 200) throw new Error(`the host answered with ${statusCode}`);
  return reply.data.link;
}

function formOf(boundary: string, picture: Buffer, title: string | undefined): Buffer {
  const titled =
    title === undefined
      ? ''
      : `--${boundary}\r\nContent-Disposition: form-data; name="title"\r\n\r\n${title}\r\n`;
  const head =
    `${titled}--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="image.jpg"\r\n` +
    'Content-Type: image/jpeg\r\n\r\n';
  return Buffer.concat([Buffer.from(head), picture, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}
