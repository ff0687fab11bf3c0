// Measures the library on this machine; nothing leaves it. `npm run bench -- [--quick] [--save] [measure …]`
import { measureAppendOnlyFile } from './append-only-file.ts';
import { readArguments } from './bench-arguments.ts';
import { measureEndpoints } from './endpoints.ts';
import { measureFarNetwork } from './far-network.ts';
import { measureGrowth } from './growth.ts';
import { measureLargeBodies } from './large-bodies.ts';
import { measureLatency } from './latency.ts';
import { describeMachine } from './machine.ts';
import { measureMemory } from './memory.ts';
import { measureMonitor } from './monitor.ts';
import { sayProgress } from './progress.ts';
import { measureReads } from './reads.ts';
import { measureRedisStore } from './redis-store.ts';
import { type Measure, runMeasures } from './run-measures.ts';
import { saveReport } from './save-report.ts';
import { measureSmallPictures } from './small-pictures.ts';
import { writeTable } from './table.ts';
import { measureTlsHost } from './tls-host.ts';

const measures: Readonly<Record<string, Measure>> = {
  'large-bodies': measureLargeBodies,
  'small-pictures': measureSmallPictures,
  memory: measureMemory,
  growth: measureGrowth,
  'far-network': measureFarNetwork,
  'tls-host': measureTlsHost,
  'append-only-file': measureAppendOnlyFile,
  'redis-store': measureRedisStore,
  latency: measureLatency,
  reads: measureReads,
  endpoints: measureEndpoints,
  monitor: measureMonitor,
};

const options = readArguments(process.argv.slice(2), Object.keys(measures));
const machine = describeMachine();
const { rows, failures } = await runMeasures(measures, options);

const { node, redis, cores, cpu, load, commit, date } = machine;
const conditions = `${date}, Node ${node}, ${redis}, ${cores} cores (${cpu}), load ${load.toFixed(1)} at the start`;
const failed = failures.map((failure) => `\nfailed: ${failure}\n`).join('');
const report = `imgferry ${commit}, ${conditions}\n\n${writeTable(rows)}\n${failed}`;
process.stdout.write(report);
if (options.save) sayProgress(`saved as ${await saveReport(report, machine)}`);
if (failures.length > 0) process.exitCode = 1;
