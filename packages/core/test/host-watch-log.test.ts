import { expect, it } from 'vitest';

import type { BudgetState, PauseReason } from '../src/budget.ts';
import { EventHub } from '../src/event-hub.ts';
import { HostWatch } from '../src/host-watch.ts';
import { resolveOptions } from '../src/options.ts';
import { createFakeHost, createFakeSource, ScriptedStore } from '../src/testing/index.ts';

/** A watch on a host that is paused for each of these reasons in turn, and what it logs. */
function aWatch(...reasons: readonly (PauseReason | undefined)[]) {
  const lines: string[] = [];
  const at = (level: string) => (facts: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(facts)}`);
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const left = [...reasons];
  const read = async (): Promise<BudgetState> => {
    const reason = left.shift();
    const paused = reason === undefined ? undefined : { reason, forMs: 60_000 };
    return { allowed: reason === undefined ? 1 : 0, paused, buckets: [] };
  };
  const options = resolveOptions({
    store: new ScriptedStore({ budget: { read } }),
    source: createFakeSource({}),
    host: createFakeHost({ budget: ['bucket'] }),
    logger,
  });
  return { watch: new HostWatch(options, new EventHub(logger).tell), lines };
}

it.each(['credentials', 'blocked', 'overloaded', 'unavailable'] as const)(
  'a host that is paused for %s is seen in the log by those who listen to no event, once',
  async (reason) => {
    const { watch, lines } = aWatch(reason, reason, undefined, undefined);
    for (let looks = 0; looks < 4; looks += 1) await watch.look();
    expect(lines).toEqual([
      `warn the host is given no uploads for now {"host":"fake","reason":"${reason}","forMs":60000}`,
      'info the host is given uploads again {"host":"fake"}',
    ]);
  },
);

it.each(['exhausted', 'rate-limited'] as const)(
  'that its limits are used up is no warning: %s',
  async (reason) => {
    const { watch, lines } = aWatch(reason);
    await watch.look();
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['info']);
  },
);
