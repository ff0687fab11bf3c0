import { Agent, get as httpGet } from 'node:http';

/** An answer, and when it came. */
export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** In milliseconds from the request to the first byte of the body. */
  readonly firstMs: number;
  /** And to the last. */
  readonly wholeMs: number;
  readonly bytes: number;
  /** Only what was to be kept: large bodies make whoever keeps them slow. */
  readonly body: Buffer;
}

/** Asks one thing after the other on one connection. */
export class Getter {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  get(url: string, { keeps }: { readonly keeps: boolean }): Promise<Got> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const begunAt = performance.now();
      let firstMs = Number.NaN;
      let bytes = 0;
      const request = httpGet(url, { agent: this.#agent }, (response) => {
        response.on('data', (chunk: Buffer) => {
          if (bytes === 0) firstMs = performance.now() - begunAt;
          bytes += chunk.length;
          if (keeps) chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => {
          const wholeMs = performance.now() - begunAt;
          const { statusCode: status = 0, headers } = response;
          if (status !== 200) return reject(new Error(`${url} was answered with ${status}`));
          resolve({ status, headers, firstMs, wholeMs, bytes, body: Buffer.concat(chunks) });
        });
      });
      request.on('error', reject);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
