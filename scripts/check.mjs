// `npm run check`: everything that has to hold before a change lands, in the order that tells soonest.
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

const STEPS = [
  ['format and lint', 'biome ci --colors=off .'],
  [
    'promises that nobody awaits',
    'oxlint --type-aware -A all -D no-floating-promises -D no-misused-promises packages examples tests bench scripts',
  ],
  [
    'compose file of the example service',
    'dclint --max-warnings 0 -c examples/service/.dclintrc examples/service/compose.yaml',
  ],
  ['types', 'tsc -b'],
  ['tests', 'npm test'],
  [
    'a hundred thousand changed images',
    'node --conditions=@imgferry/source tests/fuzz/main.ts --runs 100000 --seed 1 --only images',
  ],
  ['faults that the store suite has to find', 'node scripts/inject-faults.mjs --quick'],
  ['faults in Lua that it has to find', 'node scripts/inject-lua-faults.mjs --quick'],
  ['build and image of the example service, as its Dockerfile says', 'node scripts/check-image.mjs --dist'],
  ['packages as they would be published', 'node scripts/check-packages.mjs'],
  ['reference documentation', 'typedoc'],
  ['examples, each to its end', 'node scripts/check-examples.mjs'],
  [
    'a short soak',
    'node --conditions=@imgferry/source tests/soak/main.ts --minutes 0.2 --seed 3626 --rate 60 --patience 10',
  ],
];

let running;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    running?.kill('SIGTERM');
    process.exit(1);
  });
}

const started = performance.now();
for (const [name, line] of STEPS) {
  console.log(`\n── ${name}: ${line}`);
  const stepStarted = performance.now();
  const code = await run(line);
  const seconds = secondsSince(stepStarted);
  if (code !== 0) {
    console.error(
      `\ncheck failed at "${name}" after ${seconds}. To see it alone: node scripts/run.mjs ${line}`,
    );
    process.exit(1);
  }
  console.log(`   ok, ${seconds}`);
}
console.log(`\ncheck passed: ${STEPS.length} steps in ${secondsSince(started)}`);

function run(line) {
  const [command, ...args] = line.split(' ');
  return new Promise((resolve, reject) => {
    running = spawn(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
    running.on('error', reject);
    running.on('exit', (code) => resolve(code ?? 1));
  });
}

function secondsSince(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
