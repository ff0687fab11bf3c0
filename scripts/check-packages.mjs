// Packs every package as npm would get it, judges the tarballs with publint and attw, then installs them in an
// empty project, loads every entry both by import and by require(), and asks every command for its help.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const work = mkdtempSync(join(tmpdir(), 'imgferry-packed-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const packages = readdirSync(join(root, 'packages')).map((name) => {
  const folder = join(root, 'packages', name);
  return { folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) };
});

for (const each of packages) {
  each.tarball = pack(each);
  run('publint', ['run', each.tarball, '--strict']);
  // Every supported Node can require() an ES module, which attw's older profiles do not know.
  run('attw', [each.tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--quiet']);
}
loadEveryEntry();

function pack({ folder, manifest }) {
  const destination = join(work, 'tarballs', manifest.name.replace('/', '-'));
  mkdirSync(destination, { recursive: true });
  run('pnpm', ['pack', '--pack-destination', destination, '--silent'], folder);
  return join(destination, readdirSync(destination)[0]);
}

function loadEveryEntry() {
  const project = join(work, 'project');
  mkdirSync(project);
  const dependencies = Object.fromEntries(
    packages.map((each) => [each.manifest.name, `file:${each.tarball}`]),
  );
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, dependencies }));
  // Packages that need one another get the tarballs, too, not the registry's.
  writeFileSync(join(project, 'pnpm-workspace.yaml'), JSON.stringify({ overrides: dependencies }));
  run('pnpm', ['install', '--prefer-offline', '--ignore-scripts', '--silent'], project);

  const licences = join(project, 'node_modules', '@imgferry', 'monitor', 'dist', 'THIRD-PARTY-LICENSES');
  const missing = ['preact', 'uplot'].filter((name) => !readFileSync(licences, 'utf8').includes(`${name} `));
  if (missing.length > 0) fail(`${licences} lacks the licence of ${missing.join(', ')}`);

  const entries = packages.flatMap(({ manifest }) =>
    Object.keys(manifest.exports).map((entry) => manifest.name + entry.slice(1)),
  );
  cpSync(join(root, 'scripts', 'load-entries.mjs'), join(project, 'load-entries.mjs'));
  run('node', ['load-entries.mjs', ...entries.filter((entry) => !entry.endsWith('.json'))], project);

  const commands = packages.flatMap(({ manifest }) => Object.keys(manifest.publishConfig.bin ?? {}));
  for (const command of commands) run(join(project, 'node_modules', '.bin', command), ['--help'], project);
}

function run(command, args, cwd = root) {
  const result = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
  if (result.status !== 0) fail(`${command} ${args.join(' ')}`);
}

function fail(what) {
  console.error(`failed: ${what}`);
  process.exit(1);
}
