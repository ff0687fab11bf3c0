import { foreignText } from './foreign-text.ts';
import type { ResolvedOptions } from './options.ts';
import { redactText } from './redact-text.ts';
import type { Settings } from './settings.ts';

/** No more of one part are told of: they go with every beat. */
const mostOfAPart = 100;
const longestName = 60;

/**
 * The settings in force: the uploader's own, and those that its source, host and store tell of themselves.
 * @param concurrency How many uploads it may run at once by now, which a resize changes.
 */
export function readSettings(options: ResolvedOptions, concurrency: number): Settings {
  const { source, host, store, transform } = options;
  return Object.fromEntries([
    ...Object.entries(ownSettings({ ...options, concurrency })),
    ['transform', transform !== undefined],
    ['host', host.name],
    ...settingsOf('source', source),
    ...settingsOf('host', host),
    ...settingsOf('store', store),
  ]);
}

type OwnSettings = Omit<ResolvedOptions, 'store' | 'source' | 'host' | 'transform' | 'workerId' | 'logger'>;

/** All that are numbers. */
function ownSettings(options: OwnSettings): OwnSettings {
  return {
    concurrency: options.concurrency,
    leaseMs: options.leaseMs,
    heartbeatMs: options.heartbeatMs,
    maxAttempts: options.maxAttempts,
    attemptDelayMs: options.attemptDelayMs,
    retries: options.retries,
    retryDelayMs: options.retryDelayMs,
    maxRetryAfterMs: options.maxRetryAfterMs,
    drainTimeoutMs: options.drainTimeoutMs,
    pollMs: options.pollMs,
    maxUrls: options.maxUrls,
    maxUrlLength: options.maxUrlLength,
    maxWaiting: options.maxWaiting,
    idempotencyTtlMs: options.idempotencyTtlMs,
    rememberImagesMs: options.rememberImagesMs,
    progressMs: options.progressMs,
  };
}

/** A part may be anybody's: whatever it tells, or throws instead, must not keep a worker from its beat. */
function settingsOf(prefix: string, part: { readonly settings?: Settings }): readonly Setting[] {
  try {
    const told: readonly (readonly [string, unknown])[] = Object.entries(part.settings ?? {});
    return told
      .slice(0, mostOfAPart)
      .flatMap(([name, value]) => setting(`${prefix}.${foreignText(name, longestName)}`, value));
  } catch {
    return [];
  }
}

type Setting = readonly [name: string, value: Settings[string]];

function setting(name: string, value: unknown): readonly Setting[] {
  if (typeof value === 'string') return [[name, foreignText(withoutSecret(name, value))]];
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    return [[name, value]];
  return [];
}

/** What a careless part tells under the name of a secret is taken for one. */
function withoutSecret(name: string, value: string): string {
  const label = `${name}: `;
  const told = redactText(`${label}${value}`);
  return told.startsWith(label) ? told.slice(label.length) : '[secret]';
}
