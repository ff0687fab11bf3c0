import { readConfig, type ServiceConfig } from './config.ts';
import type { Env } from './env.ts';
import { type Errand, planErrands } from './errands.ts';
import { byteDifferences, differences } from './expectations.ts';
import { type LocalWeb, startLocalWeb } from './local-web.ts';
import { createLogger } from './logger.ts';
import { type RunningService, type ServiceOptions, startService } from './service.ts';
import type { Output } from './show-progress.ts';
import { showOutcomes, watched } from './watch-uploads.ts';

/** What the demo runs with. */
export interface DemoOptions {
  readonly env: Env;
  readonly output: Output;
  /** Delete the images at the host when everything has been shown. */
  readonly cleanUp: boolean;
  /** Ends the demo early, with everything closed. */
  readonly signal: AbortSignal;
}

/**
 * Ferries the example's pictures, and three URLs that can not work, through a service of its own, and compares how
 * each ended with how it should. Answers whether all of it was so.
 */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const config = readConfig({
    CONCURRENCY: '4',
    ...options.env,
    HOST: '127.0.0.1',
    PORT: '0',
    MONITOR_PORT: '0',
    DRAIN_TIMEOUT_MS: '500',
    // Nobody else's jobs, and no stand-in whose images can not be looked at.
    REDIS_URL: '',
    IMGUR_STAND_IN_URL: '',
  });
  const web = await startLocalWeb({ paceMs: humanPaceMs });
  try {
    const service = await startService(opened(config, web), createLogger('error', tellTrouble), visible);
    try {
      return await ferry(service, web, options);
    } finally {
      await service.stop();
    }
  } finally {
    await web.close();
  }
}

/** Streams even small pictures, so that their bytes leave at the pace they come, and tells of it often. */
const visible: ServiceOptions = { smallBytes: 0, progressMs: 50, monitored: true };

/** Between 0.7 and 1.9 s, so that bars move at different speeds and can be watched. */
function humanPaceMs(index: number): number {
  return 700 + ((index * 500) % 1_300);
}

function opened(config: ServiceConfig, web: LocalWeb): ServiceConfig {
  return { ...config, sourceAllow: [...config.sourceAllow, web.address] };
}

function tellTrouble(line: string): void {
  process.stderr.write(line);
}

async function ferry(service: RunningService, web: LocalWeb, options: DemoOptions): Promise<boolean> {
  const { output, signal } = options;
  const startedAt = performance.now();
  const errands = planErrands(web);
  output.write(introduction(service, options));

  const jobId = await watched(service.uploader, errands, options, async (display) => {
    const accepted = await submit(service.url, errands, signal);
    await service.uploader.finished(accepted, { signal });
    await showOutcomes(service.uploader, accepted, display);
    return accepted;
  });

  await showAnswer(`${service.url}/v1/images/upload/${jobId}`, options);
  await showAnswer(`${service.url}/v1/images`, options);
  const wrong = await whatDiffers(service, jobId, errands);
  output.write(verdict(wrong, service, performance.now() - startedAt));
  if (service.imgur.standIn === undefined) await tidyUp(service, jobId, options);
  return wrong.length === 0;
}

function introduction({ url, monitor, imgur }: RunningService, { cleanUp }: DemoOptions): string {
  const lines =
    imgur.standIn === undefined
      ? [
          'The images go to Imgur with the credentials given: twelve public images will be created there.',
          cleanUp
            ? 'They are deleted at the end.'
            : 'To have them deleted at the end, run it with --cleanup.',
        ]
      : [
          'No credentials are set, so the images go to a stand-in for Imgur',
          `on ${imgur.standIn.url}. Nothing leaves this machine.`,
        ];
  const watch = monitor === undefined ? '' : ` Watch it on ${monitor.url}.`;
  return `\nAn imgferry service listens on ${url}.${watch}\n${lines.join('\n')}\n\n`;
}

async function submit(serviceUrl: string, errands: readonly Errand[], signal: AbortSignal): Promise<string> {
  const response = await fetch(`${serviceUrl}/v1/images/upload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ urls: errands.map(({ url }) => url) }),
    signal,
  });
  const answer: unknown = await response.json();
  if (response.status === 202 && isAccepted(answer)) return answer.jobId;
  throw new Error(`the submit was answered with ${response.status}: ${JSON.stringify(answer)}`);
}

function isAccepted(answer: unknown): answer is { readonly jobId: string } {
  return (
    typeof answer === 'object' && answer !== null && 'jobId' in answer && typeof answer.jobId === 'string'
  );
}

async function showAnswer(url: string, { output, signal }: DemoOptions): Promise<void> {
  const response = await fetch(url, { signal });
  output.write(`\nGET ${url}\n${JSON.stringify(await response.json(), null, 2)}\n`);
}

async function whatDiffers(
  { uploader, imgur }: RunningService,
  jobId: string,
  errands: readonly Errand[],
): Promise<string[]> {
  const page = await uploader.uploads(jobId);
  const wrong = differences(errands, page?.items ?? []);
  if (imgur.standIn === undefined) return wrong;
  return [
    ...wrong,
    ...byteDifferences(
      errands,
      imgur.standIn.images.map(({ sha256 }) => sha256),
    ),
  ];
}

function verdict(wrong: readonly string[], { imgur }: RunningService, durationMs: number): string {
  if (wrong.length > 0)
    return `\nNot as it should be:\n${wrong.map((sentence) => `  ${sentence}\n`).join('')}`;
  const compared = imgur.standIn === undefined ? '' : ', byte for byte (their SHA-256 were compared)';
  return `
All twelve pictures are at the host${compared}.
The three other URLs failed, each for its own reason. It took ${(durationMs / 1000).toFixed(1)} s.
`;
}

async function tidyUp(
  { uploader, imgur }: RunningService,
  jobId: string,
  options: DemoOptions,
): Promise<void> {
  const { output, cleanUp, signal } = options;
  if (!cleanUp) {
    output.write('\nThe twelve images stay at Imgur. With --cleanup the demo deletes what it uploads.\n');
    return;
  }
  const hashes = await uploader.deleteHashes(jobId);
  for (const { deleteHash } of hashes) await imgur.host.delete?.(deleteHash, { signal });
  output.write(`\nThe ${hashes.length} images were deleted at Imgur.\n`);
}
