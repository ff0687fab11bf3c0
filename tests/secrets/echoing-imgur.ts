import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an echo is answered with: its status, and a body around all that was sent. */
export type EchoingAnswer = (
  sent: string,
  request: IncomingMessage,
) => readonly [status: number, body: unknown];

/** A host that says no and repeats what it was sent, as debug pages do: headers, path and form, plain and encoded. */
export class EchoingImgur {
  /** All that was sent to it. */
  readonly heard: string[] = [];
  answer: EchoingAnswer = (sent) => [400, { data: { error: `no: ${sent}` }, success: false, status: 400 }];
  url = '';
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const form = Buffer.concat(chunks).toString('latin1').slice(0, 4_096);
    const { authorization = '', 'x-rapidapi-key': key = '' } = request.headers;
    this.heard.push(`${request.url} ${JSON.stringify(request.headers)} ${form}`);
    const plain = `${authorization} ${key} ${request.url} ${fieldsOf(form)}`;
    const [status, body] = this.answer(`${plain} ${encoded(plain)}`, request);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-ratelimit-userremaining': plain.replace(/[^\x20-\x7e]/g, ' '),
    });
    response.end(text);
  }
}

/** The values of a form, without an image. */
function fieldsOf(form: string): string {
  if (!form.startsWith('--')) return form.slice(0, 400);
  const parts = form.split('--imgferry-').filter((part) => !part.includes('filename='));
  return parts.map((part) => /\r\n\r\n(.*)\r\n/.exec(part)?.[1] ?? '').join(' ');
}

function encoded(text: string): string {
  const bytes = Buffer.from(text);
  return `${bytes.toString('base64')} ${bytes.toString('hex')} ${encodeURIComponent(text)}`;
}
