#!/usr/bin/env node
// `npm run test:faults [-- --quick | --only=<part of what>]`: puts one-line faults into a copy of the memory store, one at a time, and fails
// unless the conformance suite finds each of them. A suite that has never failed has not been tested.
// It reads the sources, needs no build and changes nothing in the work tree.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { faults } from './memory-store-faults.mjs';

const AT_ONCE = 2;
const TIMEOUT_MS = 60_000;
const packages = join(dirname(dirname(fileURLToPath(import.meta.url))), 'packages');
const runner = fileURLToPath(new URL('./first-broken-rule.mjs', import.meta.url));
const copies = mkdtempSync(join(tmpdir(), 'imgferry-faults-'));

try {
  linkCore();
  process.exitCode = await run(chosenFaults());
} finally {
  rmSync(copies, { recursive: true, force: true });
}

function chosenFaults() {
  const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
  if (only !== undefined) return faults.filter(({ what }) => what.includes(only));
  return process.argv.includes('--quick') ? faults.filter((_, place) => place % 3 === 0) : faults;
}

/** The copies import core as the package itself does. */
function linkCore() {
  const scope = join(copies, 'node_modules', '@imgferry');
  mkdirSync(scope, { recursive: true });
  symlinkSync(join(packages, 'core'), join(scope, 'core'), 'junction');
}

async function run(chosen) {
  const sound = await firstBrokenRule(copyOf('sound'));
  if (sound !== '') {
    console.error(`The store does not hold this rule as it is: ${sound}`);
    return 1;
  }
  const waiting = chosen.map((fault, place) => ({ fault, place }));
  const found = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      found[next.place] = await outcomeOf(next.fault, `fault-${next.place}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return report(chosen, found);
}

async function outcomeOf(fault, name) {
  const copy = copyOf(name);
  const problem = inject(fault, copy);
  if (problem !== undefined) return { problem };
  const rule = await firstBrokenRule(copy);
  return rule === '' ? { problem: 'no rule found it' } : { rule };
}

function copyOf(name) {
  const copy = join(copies, name);
  cpSync(join(packages, 'memory-store', 'src'), copy, { recursive: true });
  // Sources outside a package are modules only if a manifest says so.
  writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
  return copy;
}

function inject({ file, text, fault }, copy) {
  const path = join(copy, file);
  const parts = readFileSync(path, 'utf8').split(text);
  if (parts.length !== 2)
    return `its text stands ${parts.length - 1} times in ${file}, and has to stand there once`;
  writeFileSync(path, parts.join(fault));
  return undefined;
}

function firstBrokenRule(copy) {
  const args = [
    '--conditions=@imgferry/source',
    '--disable-warning=ExperimentalWarning',
    runner,
    join(copy, 'index.ts'),
  ];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error) reject(new Error(`the suite could not be run to its end: ${error.message}\n${stderr}`));
      else resolve(stdout.trim());
    });
  });
}

function report(chosen, found) {
  const width = Math.max(...chosen.map(({ what }) => what.length));
  for (const [place, { what }] of chosen.entries()) {
    const { rule, problem } = found[place];
    console.log(`${what.padEnd(width)}  ${rule ?? `!! ${problem}`}`);
  }
  const missed = found.filter(({ problem }) => problem !== undefined).length;
  console.log(`\n${chosen.length - missed} of ${chosen.length} faults were found`);
  return missed === 0 ? 0 : 1;
}
