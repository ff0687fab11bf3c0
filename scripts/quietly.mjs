// `node scripts/quietly.mjs <command> [args]` runs the command, ends as it does, and shows what it said only if it failed.
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';

const [command = '', ...args] = process.argv.slice(2);
const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  shell: process.platform === 'win32',
});
if (status !== 0) process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`);
process.exitCode = status ?? (signal === null ? 1 : 128 + constants.signals[signal]);
