import { describe, expect, it, vi } from 'vitest';

import { createLiveScene } from './fake-event-source.ts';

const nothing = (): void => {};
/** What asks why a connection was refused has to have its answer. */
const answered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function open(...paths: string[]) {
  const scene = createLiveScene();
  const leaves = paths.map((path) => scene.live.watch(path, nothing));
  scene.pass();
  scene.source().hello();
  return { ...scene, leaves };
}

describe('the one connection', () => {
  it('is opened once for all that a page asks for', () => {
    const { sources, source } = open('overview', 'queue', 'queue');
    expect(sources).toHaveLength(1);
    expect(source().url.startsWith('api/live?')).toBe(true);
    expect(source().watched).toEqual(['overview', 'queue']);
  });

  it('is opened anew when other things are watched, and the old one closed', () => {
    const { live, leaves, sources, source, pass } = open('overview', 'queue');
    const [first] = sources;
    leaves[0]?.();
    live.watch('jobs?status=failed&limit=50', nothing);
    pass();
    expect(first?.readyState).toBe(2);
    expect(source().watched).toEqual(['jobs?status=failed&limit=50', 'queue']);
    expect(live.connection).toEqual({ state: 'live' });
  });

  it('stays when a page that goes and one that comes watch the same', () => {
    const { live, leaves, sources, pass } = open('queue');
    leaves[0]?.();
    live.watch('queue', nothing);
    pass();
    expect(sources).toHaveLength(1);
    expect(sources[0]?.readyState).toBe(0);
  });

  it('is closed when nothing is watched', () => {
    const { leaves, sources, pass } = open('queue');
    leaves[0]?.();
    pass();
    expect(sources).toHaveLength(1);
    expect(sources[0]?.readyState).toBe(2);
  });

  it('hears nothing of one that was closed', () => {
    const { live, sources, pass } = open('queue');
    live.watch('overview', nothing);
    pass();
    sources[0]?.tell('change', { watch: 'queue', now: 1, value: 'old' });
    sources[0]?.giveUp();
    expect(live.read('queue').value).toBeUndefined();
    expect(live.connection.state).toBe('live');
  });
});

describe('what was read', () => {
  it('is told to who watches it, with its time', () => {
    const { live, source } = open('overview');
    const heard = vi.fn();
    const other = vi.fn();
    live.watch('queue', heard);
    live.watch('overview', other);
    source().tell('change', { watch: 'queue', now: 5_000, value: { waiting: 1 } });
    expect(live.read('queue')).toEqual({ value: { waiting: 1 }, at: 5_000, problem: undefined });
    expect([heard.mock.calls.length, other.mock.calls.length]).toEqual([1, 0]);
    expect(live.heardAt).toBe(5_000);
  });

  it('stays through trouble, which ends with the next change', () => {
    const { live, source } = open('queue');
    const problem = { status: 503, title: 'Service Unavailable', detail: 'the store is away' };
    source().tell('change', { watch: 'queue', now: 1, value: 'known' });
    source().tell('trouble', { watch: 'queue', now: 2, problem });
    expect(live.read('queue')).toEqual({ value: 'known', at: 1, problem });
    source().tell('change', { watch: 'queue', now: 3, value: 'newer' });
    expect(live.read('queue')).toEqual({ value: 'newer', at: 3, problem: undefined });
  });

  it('is behind while something that is watched can not be read, and not for what is merely not there', () => {
    const { live, leaves, source } = open('overview', 'jobs/none');
    const heard = vi.fn();
    live.onState(heard);
    const trouble = (watch: string, status: number): void =>
      source().tell('trouble', { watch, now: 2, problem: { status, title: '' } });
    trouble('jobs/none', 404);
    expect([live.isBehind, heard.mock.calls.length]).toEqual([false, 0]);
    trouble('overview', 503);
    trouble('overview', 503);
    expect([live.isBehind, heard.mock.calls.length]).toEqual([true, 1]);
    source().tell('change', { watch: 'overview', now: 3, value: 0 });
    expect([live.isBehind, heard.mock.calls.length]).toEqual([false, 2]);
    trouble('overview', 500);
    leaves[0]?.();
    expect(live.isBehind).toBe(false);
  });

  it('is there for who comes back', () => {
    const { live, leaves, source, pass } = open('queue');
    source().tell('change', { watch: 'queue', now: 1, value: 'known' });
    leaves[0]?.();
    pass();
    expect(live.read('queue').value).toBe('known');
  });

  it('is kept of few paths, and of all that are watched', () => {
    const { live, source } = open('queue');
    for (let page = 0; page < 1_000; page += 1)
      source().tell('change', { watch: `jobs/${page}`, now: 1, value: page });
    source().tell('change', { watch: 'queue', now: 1, value: 'watched' });
    for (let page = 0; page < 1_000; page += 1)
      source().tell('change', { watch: `jobs/${page}`, now: 1, value: page });
    expect(live.read('queue').value).toBe('watched');
    expect([live.read('jobs/0').value, live.read('jobs/999').value]).toEqual([undefined, 999]);
  });

  it('has the time of the server, whatever the clock here says', () => {
    const { live, source } = open('queue');
    source().tell('change', { watch: 'queue', now: 86_400_000, value: 0 });
    expect(Math.round(live.clock.now() / 60_000)).toBe(1_440);
  });

  it('may be old when a stream begins, which sets no clock that the server has set', () => {
    const { live, source } = open('queue');
    const minute = (): number => Math.floor(live.clock.now() / 60_000);
    source().hello({ now: 86_400_000 });
    source().tell('change', { watch: 'queue', now: 60_000, value: 0 });
    expect(minute()).toBe(1_440);
    source().tell('change', { watch: 'queue', now: 120_000_000, value: 1 });
    expect(minute()).toBe(2_000);
  });
});

describe('the state of the connection', () => {
  it('is connecting, live, lost since a moment, and live again when the browser has it back', () => {
    const { live, source, pass } = createLiveScene();
    const states: string[] = [];
    live.onState(() => states.push(live.connection.state));
    live.watch('queue', nothing);
    expect(live.connection.state).toBe('connecting');
    pass();
    source().hello();
    source().tell('change', { watch: 'queue', now: 1_000, value: 0 });
    source().break();
    const { connection } = live;
    expect(connection.state === 'lost' && Math.floor(connection.since / 1_000)).toBe(1);
    source().break();
    expect(live.connection).toBe(connection);
    source().hello();
    expect(states).toEqual(['live', 'lost', 'live']);
  });

  it.each([401, 403])('is refused when the server answers %i, and nothing more is asked', async (status) => {
    const { live, scene, source, sources, pass } = open('queue');
    scene.status = status;
    source().giveUp();
    await answered();
    expect(live.connection).toEqual({ state: 'refused', status });
    expect(pass()).toEqual([]);
    expect(sources).toHaveLength(1);
  });

  it('is lost when the browser gives up, and tried again ever more slowly', async () => {
    const { live, scene, source, sources, pass } = open('queue');
    scene.status = 200;
    const pauses: number[] = [];
    for (let times = 0; times < 6; times += 1) {
      source().giveUp();
      await answered();
      expect(live.connection.state).toBe('lost');
      pauses.push(...pass());
      pass();
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    expect(sources).toHaveLength(7);
    source().hello();
    expect(live.connection.state).toBe('live');
  });

  it('is had for the rest when something that is watched is no path of the server', async () => {
    const { live, scene, source, pass } = open('jobs/no-id', 'queue');
    Object.assign(scene, { status: 200, wrong: ['jobs/no-id'] });
    source().giveUp();
    await answered();
    expect(pass()).toEqual([0]);
    expect(source().watched).toEqual(['queue']);
    source().hello();
    expect(live.connection.state).toBe('live');
    expect(live.read('jobs/no-id').problem?.status).toBe(400);
  });

  it('is tried anew for what could not be watched when somebody comes back to it', async () => {
    const { live, leaves, scene, source, pass } = open('jobs/no-id', 'queue');
    Object.assign(scene, { status: 200, wrong: ['jobs/no-id'] });
    source().giveUp();
    await answered();
    leaves[0]?.();
    pass();
    live.watch('jobs/no-id', nothing);
    pass();
    expect(source().watched).toEqual(['jobs/no-id', 'queue']);
  });

  it('tells a change of the role', () => {
    const { live, source } = open('queue');
    const heard = vi.fn();
    live.onState(heard);
    source().hello({ role: 'write' });
    source().hello({ role: 'read' });
    expect([live.role, heard.mock.calls.length]).toEqual(['read', 1]);
  });

  it('is full, with what the server says, when it has no room for one more who watches', async () => {
    const { live, scene, source, pass } = open('queue');
    const states: string[] = [];
    live.onState(() => states.push(live.connection.state));
    Object.assign(scene, { status: 503, detail: 'too many pages watch now' });
    for (let times = 0; times < 3; times += 1) {
      source().giveUp();
      await answered();
      expect(live.connection).toEqual({ state: 'full', reason: 'too many pages watch now' });
      pass();
      pass();
    }
    source().hello();
    expect(states).toEqual(['lost', 'full', 'full', 'full', 'live']);
  });

  it('is resting while nobody sees the page, with nothing open, and live soon after', () => {
    const { live, source, sources, pass } = open('queue');
    source().tell('change', { watch: 'queue', now: 1, value: 'known' });
    live.rest();
    pass();
    expect([live.connection.state, source().readyState]).toEqual(['resting', 2]);
    live.watch('overview', nothing);
    pass();
    expect(sources).toHaveLength(1);
    live.reconnect();
    pass();
    expect(source().watched).toEqual(['overview', 'queue']);
    expect([live.connection.state, live.read('queue').value]).toEqual(['resting', 'known']);
    source().hello();
    expect(live.connection.state).toBe('live');
  });

  it('tells which script the server has for the page', () => {
    const { scene, source } = open('queue');
    source().hello({ script: 'page-2.js' });
    expect(scene.served).toEqual(['page-1.js', 'page-2.js']);
  });
});
