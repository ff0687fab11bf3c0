import { clearScreenDown, moveCursor } from 'node:readline';
import type { WriteStream } from 'node:tty';

import type { StoreEvent, Upload, UploadPage, UploadProgressed } from '@imgferry/core';
import { barsOf, lineOf, type Row, totalLine } from './lines.ts';

const redrawMs = 100;

/** Where it is shown: a terminal, or anything that takes text. */
export type Output = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;

/**
 * What is shown of a job: a bar for each upload and one for all, redrawn in place on a terminal that is tall enough;
 * elsewhere, lines.
 */
export class Board {
  readonly #output: Output;
  readonly #rows: Row[];
  readonly #canRedraw: boolean;
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: Output, urls: readonly string[], env: Readonly<Record<string, string | undefined>>) {
    this.#output = output;
    // A line for each, one for all, and the one that the cursor is in.
    const isTall = urls.length + 2 <= (output.rows ?? 24);
    this.#canRedraw = output.isTTY === true && env.TERM !== 'dumb' && isTall;
    this.#rows = urls.map((url) => ({
      ...{ name: new URL(url).pathname.slice(1), state: 'waiting', sentBytes: 0, totalBytes: 0, told: '' },
    }));
  }

  /** How it stands, as the store has it. */
  show(page: UploadPage | undefined): void {
    for (const upload of page?.items ?? []) this.#set(upload.index, factsOf(upload));
  }

  /**
   * What no event tells: which uploads were taken up, and which wait because of a pause. Of what has gone further since
   * it was read, events have told more.
   */
  look(page: UploadPage | undefined): void {
    for (const upload of page?.items ?? []) {
      const state = this.#rows[upload.index]?.state;
      if (state === 'waiting' || state === 'paused') this.#set(upload.index, factsOf(upload));
    }
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
    if (!this.#canRedraw) this.#output.write(`${totalLine(this.#rows)}\n`);
    this.#drawn = 0;
  }

  #set(index: number, facts: Partial<Row>): void {
    const row = this.#rows[index];
    if (row === undefined) return;
    Object.assign(row, facts);
    if (!this.#canRedraw) this.#tell(row);
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
    if (!this.#canRedraw) return;
    const stream = this.#output as WriteStream;
    moveCursor(stream, 0, -this.#drawn);
    clearScreenDown(stream);
    this.#drawn = 0;
  }

  #draw(): void {
    if (!this.#canRedraw) return;
    const lines = barsOf(this.#rows, this.#output.columns ?? 80);
    this.#output.write(`${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }
}

function factsOf({ status, link, failure, bytes, paused }: Upload): Partial<Row> {
  if (status === 'complete') {
    const sent = bytes ?? 0;
    return { state: 'complete', note: link ?? '', sentBytes: sent, totalBytes: sent };
  }
  if (status === 'failed') return { state: 'failed', sentBytes: 0, note: failure?.code ?? '' };
  const state = status === 'claimed' ? 'started' : paused ? 'paused' : 'waiting';
  return { state, sentBytes: 0, note: '' };
}
