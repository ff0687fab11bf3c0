#!/usr/bin/env node
import { clearLine, cursorTo } from 'node:readline';

import { checkCommand } from './check-command.ts';

const { argv, env, stdout, stderr } = process;

function showProgress(text: string): void {
  cursorTo(stderr, 0);
  clearLine(stderr, 0);
  stderr.write(text);
}

process.exitCode = await checkCommand({
  args: argv.slice(2),
  env,
  out: (line) => stdout.write(`${line}\n`),
  err: (line) => stderr.write(`imgferry-check: ${line}\n`),
  progress: stderr.isTTY ? showProgress : undefined,
});
