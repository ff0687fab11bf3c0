import { clearScreenDown, moveCursor } from 'node:readline';
import type { WriteStream } from 'node:tty';

import type { StoreEvent, Upload, UploadPage, UploadProgressed } from '@imgferry/core';
import { barOf, lineOf, type Row, totalOf } from './lines.ts';

const redrawMs = 100;

/** What is shown of a job: a bar for each upload and one for all, redrawn in place on a terminal; elsewhere, lines. */
export class Board {
  readonly #output: Pick<WriteStream, 'write' | 'columns' | 'isTTY'>;
  readonly #rows: Row[];
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: Pick<WriteStream, 'write' | 'columns' | 'isTTY'>, urls: readonly string[]) {
    this.#output = output;
    this.#rows = urls.map((url) => ({
      ...{ name: new URL(url).pathname.slice(1), state: 'waiting', sentBytes: 0, totalBytes: 0, told: '' },
    }));
  }

  /** How it stands, as the store has it. */
  show(page: UploadPage | undefined): void {
    for (const upload of page?.items ?? []) this.#set(upload.index, factsOf(upload));
  }

  /** What has happened since. */
  hear(event: StoreEvent | UploadProgressed): void {
    if (event.type === 'upload:progressed') {
      const { sentBytes, totalBytes } = event;
      this.#set(event.index, { state: 'sending', sentBytes, totalBytes });
    } else if (event.type === 'upload:completed')
      this.#set(event.index, { state: 'complete', note: event.link });
    else if (event.type === 'upload:failed')
      this.#set(event.index, { state: 'failed', note: event.failure.code });
  }

  /** Says a line, above the bars. */
  say(line: string): void {
    this.#erase();
    this.#output.write(`${line}\n`);
    this.#draw();
  }

  /** Draws for the last time. */
  close(): void {
    clearTimeout(this.#timer);
    this.#erase();
    this.#draw();
    if (!this.#output.isTTY) this.#output.write(`${totalOf(this.#rows)}\n`);
    this.#drawn = 0;
  }

  #set(index: number, facts: Partial<Row>): void {
    const row = this.#rows[index];
    if (row === undefined) return;
    Object.assign(row, facts);
    if (!this.#output.isTTY) this.#tell(row);
    else this.#timer ??= setTimeout(() => this.#redraw(), redrawMs);
  }

  /** A line, if it says something new. */
  #tell(row: Row): void {
    const line = lineOf(row);
    if (line === row.told || row.state === 'waiting') return;
    row.told = line;
    this.#output.write(`${line}\n`);
  }

  #redraw(): void {
    this.#timer = undefined;
    this.#erase();
    this.#draw();
  }

  #erase(): void {
    if (!this.#output.isTTY) return;
    const stream = this.#output as WriteStream;
    moveCursor(stream, 0, -this.#drawn);
    clearScreenDown(stream);
    this.#drawn = 0;
  }

  /** A line that is too long would be two, and be redrawn in the wrong place. */
  #draw(): void {
    if (!this.#output.isTTY) return;
    const lines = [...this.#rows.map(barOf), totalOf(this.#rows)];
    for (const line of lines) this.#output.write(`${line.slice(0, this.#output.columns - 1)}\n`);
    this.#drawn = lines.length;
  }
}

function factsOf({ status, link, failure, bytes }: Upload): Partial<Row> {
  if (status === 'complete') {
    const sent = bytes ?? 0;
    return { state: 'complete', note: link ?? '', sentBytes: sent, totalBytes: sent };
  }
  if (status === 'failed') return { state: 'failed', sentBytes: 0, note: failure?.code ?? '' };
  return { state: 'waiting', sentBytes: 0, note: '' };
}
