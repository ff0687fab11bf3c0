import { describe, expect, test } from 'vitest';

import { HostTurns } from '../../src/http-source/host-turns.ts';
import type { Turn } from '../../src/http-source/source-host.ts';
import { type Target, targetOf } from '../../src/http-source/target.ts';
import { TransferError } from '../../src/transfer-error.ts';

const host = 'pictures.example';

let urls = 0;
/** One URL of a host, another one each time unless its path is given. */
function at(name: string, path?: string): Target {
  urls += 1;
  return targetOf(new URL(`https://${name}/${path ?? urls}`));
}

/** Turns by a clock that the test moves. */
function setUp(connectionsPerHost = 2) {
  const clock = { ms: 1_000_000 };
  const turns = new HostTurns({ connectionsPerHost, hostPauseMs: 1_000 }, () => clock.ms);
  const pass = (ms: number): void => {
    clock.ms += ms;
  };
  /** Why there is no turn. */
  const refusal = (target = at(host)): TransferError => {
    try {
      turns.take(target);
    } catch (error) {
      if (error instanceof TransferError) return error;
    }
    throw new Error('there is a turn');
  };
  /** One turn from its beginning to its end. */
  const ask = (
    status: number | undefined,
    { retryAfterMs, takesMs = 0, target = at(host) }: Asked = {},
  ): number => {
    const turn = turns.take(target);
    pass(takesMs);
    const pauseMs = turn.answered({ asked: target, status, retryAfterMs });
    turn.end();
    return pauseMs;
  };
  return { turns, pass, refusal, ask };
}

interface Asked {
  readonly retryAfterMs?: number;
  readonly takesMs?: number;
  /** @default another one each time */
  readonly target?: Target;
}

const target = at(host, '');
const { url } = target;

function take(turns: HostTurns, count: number): Turn[] {
  return Array.from({ length: count }, () => turns.take(at(host)));
}

describe('the turns of a host', () => {
  test('are no more than allowed at once, and each host has its own', () => {
    const { turns, refusal } = setUp(2);
    const [first] = take(turns, 2);
    expect(refusal()).toMatchObject({ code: 'source_busy', retry: 'wait' });
    turns.take(at('other.example'));
    first?.end();
    turns.take(at(host));
    expect(refusal().code).toBe('source_busy');
  });

  test('are given back by the last who holds them', () => {
    const { turns, refusal } = setUp(1);
    const turn = turns.take(at(host));
    turn.hold();
    turn.end();
    expect(refusal().code).toBe('source_busy');
    turn.end();
    turns.take(at(host));
  });
});

describe('who is sent away from a host that is full', () => {
  test('comes back in a moment, not at once', () => {
    const { turns, refusal } = setUp();
    take(turns, 2);
    expect(refusal().retryAfterMs).toBe(250);
  });

  test('comes back one after another, at twice the pace at which the host serves', () => {
    const { turns, ask, refusal } = setUp(2);
    ask(200, { takesMs: 4_000 });
    take(turns, 2);
    // Two at once that take four seconds each: one in two seconds.
    expect(Array.from({ length: 3 }, () => refusal().retryAfterMs)).toEqual([1_000, 2_000, 3_000]);
  });

  test('learns from those that are being read that the host is slow, before the first has ended', () => {
    const { turns, pass, refusal } = setUp(2);
    take(turns, 2);
    pass(8_000);
    expect(Array.from({ length: 2 }, () => refusal().retryAfterMs)).toEqual([2_000, 4_000]);
  });

  test('comes back within a minute, however many there are', () => {
    const { turns, ask, refusal } = setUp(2);
    ask(200, { takesMs: 4_000 });
    take(turns, 2);
    for (let count = 0; count < 1_000; count += 1) refusal();
    expect(refusal().retryAfterMs).toBe(60_000);
  });
});

describe.each([429, 503])('after its %i', (status) => {
  test('a host is left alone for as long as it says, and others are not', () => {
    const { turns, pass, ask, refusal } = setUp();
    expect(ask(status, { retryAfterMs: 30_000 })).toBe(30_000);
    pass(29_000);
    expect(refusal()).toMatchObject({ code: 'source_busy', retry: 'wait', retryAfterMs: 1_010 });
    turns.take(at('other.example'));
    pass(1_000);
    turns.take(at(host));
  });

  test('a host is left alone for five minutes at most, whatever it says', () => {
    expect(setUp().ask(status, { retryAfterMs: 86_400_000 })).toBe(300_000);
  });

  test('that does not say for how long, or says for no time, a host is left alone for twice as long each time', () => {
    const { pass, ask } = setUp();
    const pauses = [undefined, 0, undefined, undefined, undefined, undefined, undefined, undefined].map(
      (retryAfterMs) => {
        const pauseMs = ask(status, retryAfterMs === undefined ? {} : { retryAfterMs });
        pass(pauseMs);
        return pauseMs;
      },
    );
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000, 16_000]);
  });
});

test.each([200, 302, 404, 500])('an answer %i lets the pauses of a host begin anew', (status) => {
  const { turns, pass, ask } = setUp();
  for (const pauseMs of [1_000, 2_000, 4_000]) {
    expect(ask(503)).toBe(pauseMs);
    pass(pauseMs);
  }
  ask(status);
  take(turns, 2)[0]?.end();
  expect(ask(503)).toBe(1_000);
});

describe('after a pause', () => {
  test('one goes first, and the others when it was answered', () => {
    const { turns, pass, ask, refusal } = setUp(3);
    pass(ask(503));
    const probe = turns.take(at(host));
    expect(refusal()).toMatchObject({ code: 'source_busy', message: 'the source has asked for a pause' });
    probe.answered({ asked: { url }, status: 200 });
    take(turns, 2);
  });

  test('another goes first when the first got no answer, which is no good news', () => {
    const { pass, ask, refusal, turns } = setUp(3);
    for (const pauseMs of [1_000, 2_000, 4_000]) {
      expect(ask(503)).toBe(pauseMs);
      pass(pauseMs);
      ask(undefined);
    }
    turns.take(at(host));
    expect(refusal().code).toBe('source_busy');
  });

  test('none goes first that has refused, as long as others are about to come', () => {
    const { pass, ask, refusal, turns } = setUp(3);
    const bad = at(host, 'bad');
    pass(ask(503, { target: bad }) - 100);
    const { retryAfterMs: goodMs = 0 } = refusal();
    pass(100);
    const { code, retryAfterMs: badMs = 0 } = refusal(bad);
    expect(code).toBe('source_busy');
    expect(badMs).toBeGreaterThan(goodMs - 100);
    pass(badMs);
    turns.take(bad);
  });

  test('one goes first that had refused and was answered since', () => {
    const { pass, ask, refusal, turns } = setUp(3);
    const mended = at(host, 'mended');
    pass(ask(503, { target: mended }));
    ask(200, { target: mended });
    const pauseMs = ask(503);
    refusal();
    pass(pauseMs);
    turns.take(mended);
  });

  test('another goes first when the first was called back', () => {
    const { turns, pass, ask, refusal } = setUp(3);
    pass(ask(503));
    turns.take(at(host)).end();
    turns.take(at(host));
    expect(refusal().code).toBe('source_busy');
  });

  test('none goes first that is among the last thousand that have refused', () => {
    const { pass, ask, refusal, turns } = setUp(3);
    const [oldest, second] = [at(host, 'oldest'), at(host, 'second')];
    pass(ask(503, { target: oldest }));
    pass(ask(503, { target: second }));
    for (let count = 0; count < 998; count += 1) pass(ask(503));
    const pauseMs = ask(503);
    refusal();
    pass(pauseMs);
    expect(refusal(second).retry).toBe('later');
    turns.take(oldest);
  });

  test('one goes first also while the image of an earlier one is still being read', () => {
    const { turns, pass, ask } = setUp(3);
    pass(ask(503));
    const first = turns.take(at(host));
    first.answered({ asked: { url }, status: 200 });
    const second = turns.take(at(host));
    pass(second.answered({ asked: { url }, status: 503 }));
    second.end();
    turns.take(at(host)).answered({ asked: { url }, status: 200 });
    take(turns, 1);
  });
});

describe('what was asked before a pause and is answered in it', () => {
  test('neither makes it longer nor ends it', () => {
    const { turns, refusal } = setUp(4);
    const asked = take(turns, 4);
    expect(asked[0]?.answered({ asked: { url }, status: 503 })).toBe(1_000);
    expect(asked[1]?.answered({ asked: { url }, status: 503 })).toBe(1_000);
    expect(asked[2]?.answered({ asked: { url }, status: 200 })).toBe(0);
    for (const turn of asked) turn.end();
    expect(refusal().code).toBe('source_busy');
  });

  test('makes it longer when it says for how long', () => {
    const { turns } = setUp(2);
    const asked = take(turns, 2);
    expect(asked[0]?.answered({ asked: { url }, status: 429, retryAfterMs: 5_000 })).toBe(5_000);
    expect(asked[1]?.answered({ asked: { url }, status: 429, retryAfterMs: 9_000 })).toBe(9_000);
  });

  test('does not go on with a redirect', () => {
    const { turns } = setUp(2);
    const [one, other] = take(turns, 2);
    one?.answered({ asked: { url }, status: 302 });
    one?.renew(target);
    other?.answered({ asked: { url }, status: 429 });
    expect(() => one?.renew(target)).toThrow('the source has asked for a pause');
  });
});

describe('a host that answers with nothing but 503', () => {
  const lost = {
    code: 'source_unavailable',
    retry: 'later',
    message: 'the source has long answered nothing but 429 or 503',
  };

  test('sends nobody away at his cost before ten minutes, and then only those that it has refused', () => {
    const { pass, ask, refusal } = setUp();
    const bad = at(host, 'bad');
    ask(503, { target: bad, retryAfterMs: 300_000 });
    pass(300_000);
    ask(503, { retryAfterMs: 300_000 });
    expect(refusal(bad).code).toBe('source_busy');
    pass(300_000);
    ask(503);
    expect(refusal(bad)).toMatchObject(lost);
    expect(refusal().code).toBe('source_busy');
  });

  test('to forty URLs, and that for ten minutes, sends all away at their cost until there is another answer', () => {
    const { turns, pass, ask, refusal } = setUp();
    for (let count = 1; count < 40; count += 1) {
      pass(ask(503, { retryAfterMs: 20_000 }) - 100);
      expect(refusal().code).toBe('source_busy');
      pass(100);
    }
    ask(503);
    expect(refusal()).toMatchObject(lost);
    pass(16_000);
    const probe = turns.take(at(host));
    expect(refusal()).toMatchObject(lost);
    probe.answered({ asked: { url }, status: 200 });
    turns.take(at(host));
  });

  test('to forty URLs sends nobody away at his cost before ten minutes', () => {
    const { pass, ask, refusal } = setUp();
    for (let count = 0; count < 40; count += 1) pass(ask(503, { retryAfterMs: 1_000 }));
    ask(503, { retryAfterMs: 1_000 });
    expect(refusal().code).toBe('source_busy');
  });

  test('for one URL is left alone for no longer each time', () => {
    const { pass, ask, refusal } = setUp();
    for (let count = 0; count < 20; count += 1) {
      expect(ask(503, { target })).toBe(1_000);
      expect(refusal().code).toBe('source_busy');
      pass(10_000);
    }
  });

  test('is forgiven when it was left alone for ten minutes', () => {
    const { turns, pass, ask } = setUp();
    for (let count = 1; count < 6; count += 1) pass(ask(503));
    pass(600_000);
    take(turns, 2)[0]?.end();
    expect(ask(503)).toBe(1_000);
  });
});

describe('a host is remembered', () => {
  test('no longer than something of it is read or somebody was told to come back', () => {
    const { turns, pass, refusal } = setUp(1);
    for (let count = 0; count < 5_000; count += 1) turns.take(at(`${count}.example`)).end();
    expect(turns.size).toBeLessThan(10);
    const turn = turns.take(at(host));
    const { retryAfterMs = 0 } = refusal();
    turn.end();
    pass(retryAfterMs + 60_000);
    for (let count = 0; count < 20; count += 1) turns.take(at(`${count}.example`)).end();
    expect(turns.size).toBeLessThan(10);
  });

  test('while it is paused, but no more than a thousand that are not read', () => {
    const { turns } = setUp();
    const read = turns.take(at(host));
    for (let count = 0; count < 5_000; count += 1) {
      const turn = turns.take(at(`${count}.example`));
      turn.answered({ asked: { url }, status: 503 });
      turn.end();
    }
    expect(turns.size).toBe(1_000);
    expect(() => turns.take(at('4999.example'))).toThrow(TransferError);
    read.answered({ asked: { url }, status: 503 });
    expect(() => turns.take(at(host))).toThrow(TransferError);
  });
});
