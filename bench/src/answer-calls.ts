import { inspect } from 'node:util';

/** What a child can be asked for, by name. Everything that goes in or comes out is plain data. */
export type Calls = Readonly<Record<string, (input: never) => unknown>>;

/** A call on its way to a child. */
export interface Call {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

/** What came of it, on its way back. */
export type Answer =
  | { readonly id: number; readonly status: 'answered'; readonly output: unknown }
  | { readonly id: number; readonly status: 'failed'; readonly message: string };

/**
 * Makes this process a child that answers calls until its parent lets go of it, and closes then.
 * @param close Closes all that is open, so that the process ends by itself.
 */
export function answerCalls(calls: Calls, close: () => Promise<void>): void {
  process.on('message', (call: Call) => void answer(calls, call));
  process.once('disconnect', () => void close());
}

async function answer(calls: Calls, { id, name, input }: Call): Promise<void> {
  const called = calls[name] as ((input: unknown) => unknown) | undefined;
  try {
    if (called === undefined) throw new Error(`there is no call ${name}`);
    reply({ id, status: 'answered', output: await called(input) });
  } catch (error) {
    reply({ id, status: 'failed', message: inspect(error) });
  }
}

/** A parent that is gone needs no answer. */
function reply(answer: Answer): void {
  if (process.connected) process.send?.(answer);
}
