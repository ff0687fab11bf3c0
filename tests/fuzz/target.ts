import { readdirSync, readFileSync } from 'node:fs';

/** Something that reads strangers' bytes, and what has to hold whatever they are. */
export interface Target {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Throws when something does not hold. `split` cuts bytes into chunks, in a way of the case's own. */
  check(input: Buffer, split: (bytes: Uint8Array) => readonly Uint8Array[]): void | Promise<void>;
}

/** The seeds that are kept in a folder of the corpus, in the order of their names. */
export function corpusOf(folder: string): readonly Uint8Array[] {
  const directory = new URL(`corpus/${folder}/`, import.meta.url);
  return readdirSync(directory)
    .sort()
    .map((name) => readFileSync(new URL(name, directory)));
}

/** Refuses what does not hold. */
export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`it does not hold that ${what}`);
}

/** A head of lines `name: value` and a body, as bytes of a message have them; nothing of it need be well-formed. */
export function messageOf(input: Buffer): {
  readonly first: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
} {
  const gap = input.indexOf('\n\n');
  const head = input.toString('latin1', 0, gap === -1 ? 0 : gap + 1);
  const body = gap === -1 ? input : input.subarray(gap + 2);
  const lines = head.split('\n');
  const headers = lines.flatMap((line) => {
    const [, name, value] = /^([\w-]{1,40}): ?([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value] as const];
  });
  return { first: lines[0] ?? '', headers: new Map(headers), body };
}
