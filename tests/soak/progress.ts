import { setTimeout as sleep } from 'node:timers/promises';
/** A terminal, or anything that takes text. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const everyMs = 3_000;

/** Says how far it is: in place on a terminal, a line each time elsewhere. Ends when the signal aborts. */
export async function showProgress(
  say: () => Promise<string>,
  output: ProgressOutput,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const line = await say();
    output.write(output.isTTY ? `\r${line.slice(0, (output.columns ?? 80) - 1)}\u001b[K` : `${line}\n`);
  }
  if (output.isTTY) output.write('\r\u001b[K');
}
