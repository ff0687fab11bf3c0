#!/usr/bin/env node
// `npm run test:lua-faults [-- --quick]`: puts one-line faults into the Lua of the Redis store, one at a time and in
// memory only, and fails unless the conformance suite finds each of them. Uses the Redis of REDIS_URL, else starts one
// with the redis-server or valkey-server in PATH.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

import { faults } from './lua-faults.mjs';

const AT_ONCE = 2;
const TIMEOUT_MS = 120_000;
const runner = fileURLToPath(new URL('./first-broken-lua-rule.mjs', import.meta.url));

const redis = await findRedis();
try {
  process.exitCode = await run(
    process.argv.includes('--quick') ? faults.filter((_, at) => at % 3 === 0) : faults,
  );
} finally {
  redis.stop();
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
  const sound = await firstBrokenRule({});
  if (sound !== '') {
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
