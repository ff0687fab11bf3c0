// `npm run fuzz -- --runs 100000 --seed 1 --only images`: what reads strangers' bytes, on many of them.
import { parseArgs } from 'node:util';

import { type FuzzResult, fuzz } from './fuzz.ts';
import { targets } from './targets.ts';

const usage = `npm run fuzz -- [--runs 100000] [--seed 1] [--only ${targets.map(({ name }) => name).join('|')}]`;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { runs, seed, chosen } = readOptions(process.argv.slice(2));
    const results: FuzzResult[] = [];
    for (const target of chosen) {
      const onProgress = (executions: number): void => show(`${target.name}: ${executions} of ${runs}`);
      results.push(await fuzz(target, { runs, seed, onProgress }));
    }
    show('');
    process.stdout.write(`${report(results, seed)}\n`);
    return results.some(({ findings }) => findings.length > 0) ? 1 : 0;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    process.stderr.write(words.includes(usage) ? `${words}\n` : `${words}\n${usage}\n`);
    return 2;
  }
}

function readOptions(args: readonly string[]) {
  const anySeed = Math.floor(Math.random() * 1e9);
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(anySeed) },
      only: { type: 'string' },
    },
  });
  const chosen = targets.filter(({ name }) => values.only === undefined || name === values.only);
  if (chosen.length === 0) throw new Error(`there is nothing called ${values.only}: ${usage}`);
  return { runs: whole('runs', values.runs, 1), seed: whole('seed', values.seed, 0), chosen };
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d{1,10}$/.test(text) && value >= least) return value;
  throw new Error(`${name} is a whole number from ${least}: ${usage}`);
}

/** In place on a terminal, and nowhere else. */
function show(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\u001b[K`);
}

function report(results: readonly FuzzResult[], seed: number): string {
  const rows = results.map(({ target, executions, findings, tookMs }) =>
    [
      target.padEnd(8),
      String(executions).padStart(10),
      String(findings.length).padStart(8),
      `${(tookMs / 1_000).toFixed(1)} s`.padStart(10),
    ].join('  '),
  );
  const head = ['parser'.padEnd(8), 'executions', 'findings', 'time'.padStart(10)].join('  ');
  const found = results.flatMap(({ findings }) =>
    findings.map((each) => `${each.target}, seed ${each.seed}: ${each.why}\n  ${each.inputBase64}`),
  );
  return [...found, `seed ${seed}`, head, ...rows].join('\n');
}
