import type { WriteStream } from 'node:tty';

import { nameWidth, type Row, type RowState, renderEnding, renderFrame } from './progress-view.ts';

/** Shows how far each upload is, until it is ended. */
export interface ProgressDisplay {
  /** Shows a new state. An upload that has ended stays as it ended. */
  update(index: number, state: RowState): void;
  /** Shows the last state and leaves the terminal as it was found. Ending twice is ending once. */
  end(): void;
}

/** Where progress is shown: a terminal, or anything that takes text. */
export type Output = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;

/** Bars on a terminal that is tall enough; a line per ending elsewhere. */
export function showProgress(
  names: readonly string[],
  output: Output,
  env: Readonly<Record<string, string | undefined>>,
): ProgressDisplay {
  const rows: Row[] = names.map((name) => ({ name, state: { status: 'waiting' } }));
  const canRedraw = output.isTTY === true && env.TERM !== 'dumb' && rows.length + 3 < (output.rows ?? 24);
  return canRedraw ? redraw(rows, output, !env.NO_COLOR) : tellEndings(rows, output);
}

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
const clearBelow = '\x1b[J';
const frameMs = 60;

function redraw(rows: Row[], output: Output, colours: boolean): ProgressDisplay {
  let drawnLines = 0;
  let stale = true;
  const draw = (): void => {
    if (!stale) return;
    stale = false;
    const lines = renderFrame(rows, { columns: output.columns ?? 80, colours });
    const toTop = drawnLines === 0 ? '' : `\x1b[${drawnLines}A\r`;
    output.write(`${toTop}${lines.map((line) => `${line}\x1b[K\n`).join('')}${clearBelow}`);
    drawnLines = lines.length;
  };
  const restore = (): void => {
    output.write(showCursor);
  };
  output.write(hideCursor);
  // Whatever ends the process early, the cursor comes back.
  process.once('exit', restore);
  draw();
  const timer = setInterval(draw, frameMs);
  return {
    update: (index, state) => {
      stale = replace(rows, index, state) || stale;
    },
    end: () => {
      clearInterval(timer);
      draw();
      restore();
      process.off('exit', restore);
    },
  };
}

function tellEndings(rows: Row[], output: Output): ProgressDisplay {
  const width = nameWidth(rows);
  return {
    update: (index, state) => {
      if (!replace(rows, index, state)) return;
      const ending = renderEnding({ name: rows[index]?.name ?? '', state }, width);
      if (ending !== undefined) output.write(`${ending}\n`);
    },
    end: () => {},
  };
}

/** Answers whether the row is another one now. */
function replace(rows: Row[], index: number, state: RowState): boolean {
  const row = rows[index];
  if (row === undefined || row.state.status === 'complete' || row.state.status === 'failed') return false;
  rows[index] = { ...row, state };
  return true;
}
