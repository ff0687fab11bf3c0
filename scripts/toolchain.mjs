// Where the repository's own tools live and how they get there. Plain Node >= 18, no dependencies: this runs
// before anything is installed.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
export const windows = process.platform === 'win32';

const tools = join(root, '.tools');
const lock = join(tools, 'setup.lock');

export const say = (message) => process.stderr.write(`[setup] ${message}\n`);

export function fail(message) {
  say(message);
  process.exit(1);
}

/** Whether a Node version is inside package.json's engines: `^major.minor.0` and `>=major.minor.0`, joined by ||. */
export function nodeSuits(version) {
  const [major, minor] = version.split('.').map(Number);
  return manifest.engines.node.split('||').some((range) => {
    const [, operator, floorMajor, floorMinor] = /(\^|>=)(\d+)\.(\d+)/.exec(range);
    if (operator === '>=' && major > Number(floorMajor)) return true;
    return major === Number(floorMajor) && minor >= Number(floorMinor);
  });
}

/**
 * The environment for the commands we start. `npm run` describes itself in npm_* variables, which would steer
 * the npm and pnpm below us; what a user set to reach a registry stays.
 */
export function commandEnv() {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (!/^npm_(config|package|lifecycle|node|execpath|command)/.test(name)) continue;
    if (!/^npm_config_(registry|userconfig|cafile|strict_ssl|https?_proxy|proxy)$/.test(name))
      delete env[name];
  }
  return env;
}

/** The folder of a tool from the npm registry, fetched on first use. It appears whole or not at all. */
export function fetchTool(name, spec) {
  const folder = join(tools, name);
  if (existsSync(folder)) return folder;
  mkdirSync(tools, { recursive: true });
  for (const left of readdirSync(tools)) {
    if (left.startsWith('partial-')) rmSync(join(tools, left), { recursive: true, force: true });
  }
  const partial = mkdtempSync(join(tools, 'partial-'));
  writeFileSync(join(partial, 'package.json'), '{ "private": true }\n');
  const flags = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawnSync('npm', ['install', '--prefix', partial, ...flags, spec], {
    cwd: partial,
    env: commandEnv(),
    stdio: ['ignore', 'ignore', 2],
    shell: windows,
  });
  if (npm.status !== 0) {
    rmSync(partial, { recursive: true, force: true });
    if (npm.error?.code === 'ENOENT') fail('npm was not found in PATH; it comes with Node, see nodejs.org.');
    fail(
      `could not fetch ${spec}. Check that \`npm ping\` works (network, proxy), then run the command again.`,
    );
  }
  renameSync(partial, folder);
  return folder;
}

/** Runs the work while no other process in this checkout sets itself up. */
export async function whileLocked(work) {
  mkdirSync(tools, { recursive: true });
  for (let told = false; !tryLock(); told = true) {
    if (!told) say('waiting for another command in this folder to finish its set-up');
    await sleep(100);
  }
  const unlock = () => rmSync(lock, { force: true });
  process.on('exit', unlock);
  try {
    return await work();
  } finally {
    unlock();
    process.off('exit', unlock);
  }
}

function tryLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (abandoned()) rmSync(lock, { force: true });
    return false;
  }
}

/** A killed set-up leaves its lock behind. After ten minutes even a living process id is taken for somebody else's. */
function abandoned() {
  try {
    if (Date.now() - statSync(lock).mtimeMs > 600_000) return true;
    const holder = Number(readFileSync(lock, 'utf8'));
    if (holder > 0) process.kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
