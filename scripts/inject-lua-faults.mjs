#!/usr/bin/env node
// `npm run test:lua-faults [-- --quick | --only=<part of what>]`: puts one-line faults into the Lua of the Redis store, one at a time and in
// memory only, and fails unless the conformance suite finds each of them, or the test that the fault names. Uses the
// Redis of REDIS_URL, else starts one with the redis-server or valkey-server in PATH.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { faults } from './lua-faults.mjs';
import { partsAround } from './put-lua-fault.mjs';

const AT_ONCE = 2;
const TIMEOUT_MS = 120_000;
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const config = fileURLToPath(new URL('./lua-faults.vitest.mjs', import.meta.url));
const runner = fileURLToPath(new URL('./first-broken-lua-rule.mjs', import.meta.url));

// One that can not be put in is found by nobody, and would look as if it was.
for (const fault of faults) partsAround(fault);

const redis = await findRedis();
try {
  process.exitCode = await run(faults.filter(isChosen));
} finally {
  redis.stop();
}

function isChosen({ what }, at) {
  const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
  return only === undefined ? at % 6 === 0 || !process.argv.includes('--quick') : what.includes(only);
}

async function findRedis() {
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, stop() {} };
  const binary = ['redis-server', 'valkey-server'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
  if (binary === undefined)
    throw new Error('there is no Redis: set REDIS_URL, or put redis-server into PATH');
  const port = await freePort();
  const server = spawn(binary, ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const chunk of server.stdout) if (String(chunk).includes('Ready to accept')) break;
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.kill('SIGKILL') };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

async function run(chosen) {
  for (const test of new Set([undefined, ...chosen.map((fault) => fault.test)])) {
    const sound = await firstBrokenRule({ test });
    if (sound === '') continue;
    console.error(`The store does not hold this rule as it is: ${sound}`);
    return 1;
  }
  const waiting = [...chosen];
  let missed = 0;
  const work = async () => {
    for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
      const rule = await firstBrokenRule(fault);
      if (rule === '') missed += 1;
      console.log(`${fault.what.padEnd(66)}  ${rule === '' ? '!! no rule found it' : rule}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  console.log(`\n${chosen.length - missed} of ${chosen.length} faults were found`);
  return missed === 0 ? 0 : 1;
}

function firstBrokenRule(fault) {
  return fault.test === undefined ? firstBrokenInSuite(fault) : firstBrokenInTest(fault);
}

function firstBrokenInTest(fault) {
  const folder = mkdtempSync(join(tmpdir(), 'imgferry-fault-'));
  const report = join(folder, 'report.json');
  const file = `packages/redis-store/test/${fault.test}`;
  const args = [vitest, 'run', '--config', config, '--outputFile', report, file];
  const env = { ...process.env, REDIS_URL: redis.url, LUA_FAULT: JSON.stringify(fault) };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env, timeout: TIMEOUT_MS }, (_error, _stdout, stderr) => {
      try {
        resolve(firstFailed(JSON.parse(readFileSync(report, 'utf8'))));
      } catch (error) {
        reject(new Error(`${fault.test} could not be run to its end: ${error.message}\n${stderr}`));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}

/** The first test that failed in a report of vitest, '' when none did. */
function firstFailed({ testResults }) {
  for (const { assertionResults, status, message } of testResults) {
    const failed = assertionResults.find((result) => result.status === 'failed');
    if (failed !== undefined) return failed.fullName.trim();
    if (status === 'failed') return `it can not begin: ${message}`;
  }
  return '';
}

function firstBrokenInSuite(fault) {
  const args = [
    '--conditions=@imgferry/source',
    '--disable-warning=ExperimentalWarning',
    runner,
    JSON.stringify(fault),
    redis.url,
  ];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error) reject(new Error(`the suite could not be run to its end: ${error.message}\n${stderr}`));
      else resolve(stdout.trim());
    });
  });
}
