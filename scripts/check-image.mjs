// Does what the Dockerfile of the example service says, on this machine and without Docker: the build stage on a copy
// of what .dockerignore lets through, then the image's own commands as processes, which ferry a picture and stop. With
// `--dist` what was built is brought back to where a build in this folder puts it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { freePort, KEEPS_ALL, startRedisServer } from '../tests/setup/redis-server.ts';
import { copyFromContext, readDockerIgnore } from './docker-context.mjs';
import { readDockerfile } from './dockerfile.mjs';

const LIMIT_MS = 20_000;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const service = join(root, 'examples', 'service');
const [build, image] = readDockerfile(readFileSync(join(service, 'Dockerfile'), 'utf8')).stages;
const work = mkdtempSync(join(tmpdir(), 'imgferry-image-'));
const context = join(work, 'context');
const deployed = join(work, 'deployed');
const started = [];

process.on('exit', () => {
  for (const { child } of started) child.kill('SIGKILL');
  rmSync(work, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

doBuildStage();
if (process.argv.includes('--dist')) bringBack();
tellSize();
await runAsImage();

function doBuildStage() {
  mkdirSync(context);
  // The tools that the first step would fetch are those that are here.
  symlinkSync(join(root, '.tools'), join(context, '.tools'));
  const leavesOut = readDockerIgnore(readFileSync(join(root, '.dockerignore'), 'utf8'));
  for (const { instruction, args } of build.steps) {
    if (instruction === 'COPY') copy(args.split(/\s+/), leavesOut);
    else if (instruction === 'RUN') runStep(args.replaceAll(image.workdir, deployed));
  }
}

function copy(paths, leavesOut) {
  const destination = paths.pop();
  const intoFolder = destination.endsWith('/');
  for (const path of paths) {
    const to = join(context, destination, intoFolder && path !== '.' ? basename(path) : '');
    copyFromContext(root, path, to, leavesOut);
  }
}

function runStep(command) {
  const began = performance.now();
  const { status } = spawnSync(command, {
    cwd: context,
    // Empty as in an image. A lockfile that pnpm remembers to have verified here it does not look into again, and the
    // steps that are offline miss what it would have found there.
    env: { ...process.env, XDG_CACHE_HOME: join(work, 'cache') },
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: true,
  });
  if (status !== 0) fail(`RUN ${command} ended with ${status}`);
  console.log(`RUN ${command}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

function bringBack() {
  for (const dist of globSync(['packages/*/dist', 'examples/*/dist'], { cwd: context })) {
    rmSync(join(root, dist), { recursive: true, force: true });
    cpSync(join(context, dist), join(root, dist), { recursive: true });
  }
}

function tellSize() {
  const files = filesIn(deployed);
  const bytes = files.reduce((sum, file) => sum + statSync(join(deployed, file)).size, 0);
  console.log(`what the image adds to Node: ${files.length} files, ${(bytes / 1024 / 1024).toFixed(1)} MB`);
  for (const file of files)
    if (/^(src|test)\/|(^|\/)node_modules\/(tsup|typescript|vitest)\/|\.env$/.test(file))
      fail(`${file} has no place in the image`);
}

function filesIn(folder) {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

async function runAsImage() {
  const before = filesIn(deployed);
  const redis = await startRedisServer(...KEEPS_ALL);
  const pictures = await servePicture();
  const standIn = await startContainer('stand-in', {});
  const fleet = { REDIS_URL: redis.url, IMGUR_STAND_IN_URL: standIn.url, SOURCE_ALLOW: '127.0.0.1' };
  const api = await startContainer('api', fleet);
  const worker = await startContainer('worker', fleet);
  const monitor = await startContainer('monitor', { REDIS_URL: redis.url });
  try {
    for (const container of [standIn, api, worker, monitor]) await becomesHealthy(container);
    await ferry(api.url, pictures.url);
    await watch(monitor.url);
    // Workers first, as a worker that stops tells its fleet.
    for (const container of [worker, monitor, api, standIn]) await stops(container);
  } finally {
    pictures.close();
    await redis.close();
  }
  if (String(filesIn(deployed)) !== String(before)) fail('the programs have written into their folder');
  console.log(
    'stand-in, api, worker and monitor became healthy, ferried a picture, showed it and ended with 0',
  );
}

async function servePicture() {
  const picture = readFileSync(join(service, 'pictures', 'coffee.png'));
  const server = createServer((_, response) => response.end(picture)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}/coffee.png`, close: () => server.close() };
}

/** Ports and the address are this machine's to give: all of these containers are in one network. */
async function startContainer(role, variables) {
  const [command, ...args] = image.entrypoint;
  const [port, healthPort] = [await freePort(), await freePort()];
  const ports = { PORT: String(port), MONITOR_PORT: String(port), HEALTH_PORT: String(healthPort) };
  const own = { HOST: '127.0.0.1', ...ports };
  const env = { PATH: process.env.PATH, ...image.env, ...own, ...variables };
  const child = spawn(command, [...args, role], { cwd: deployed, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const container = { role, child, env, url: `http://127.0.0.1:${port}` };
  child.stdout.resume();
  started.push(container);
  return container;
}

async function becomesHealthy({ role, child, env }) {
  const [command, ...args] = image.healthcheck;
  await eventually(`${role} to become healthy`, async () => {
    if (child.exitCode !== null) fail(`${role} ended with ${child.exitCode}`);
    const check = spawn(command, args, { cwd: deployed, env, stdio: 'ignore' });
    return (await once(check, 'exit'))[0] === 0;
  });
}

async function ferry(apiUrl, pictureUrl) {
  const accepted = await fetch(`${apiUrl}/v1/images/upload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ urls: [pictureUrl] }),
  });
  if (accepted.status !== 202) fail(`a submit was answered ${accepted.status}`);
  const location = accepted.headers.get('location');
  await eventually('the picture to be ferried', async () => {
    const { uploaded } = await (await fetch(apiUrl + location)).json();
    if (uploaded.failed.length > 0) fail('the picture could not be ferried');
    return uploaded.complete.length === 1;
  });
}

/** The page with what it is made of, and a picture in the metrics. */
async function watch(url) {
  const read = async (path) => {
    const answer = await fetch(new URL(path, `${url}/`));
    if (answer.status !== 200) fail(`the monitor answered ${answer.status} at ${path}`);
    return answer.text();
  };
  const page = await read('');
  const parts = [...page.matchAll(/(?:src|href)="([^":]+)"/g)].map(([, path]) => path);
  if (parts.length < 2) fail('the page of the monitor has no script or no style');
  for (const path of parts) await read(path);
  if (!(await read('metrics')).includes('outcome="complete",code="none"} 1\n'))
    fail('the metrics do not count the picture');
}

async function stops({ role, child }) {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [code, signal] = await ended;
  if (code !== 0) fail(`${role} was told to stop and ended with ${code ?? signal}`);
}

async function eventually(what, happens) {
  const late = performance.now() + LIMIT_MS;
  while (!(await happens())) {
    if (performance.now() > late) fail(`waited ${LIMIT_MS} ms for ${what}`);
    await sleep(100);
  }
}

function fail(message) {
  console.error(`failed: ${message}`);
  process.exit(1);
}
