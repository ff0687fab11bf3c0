import { describe, expect, it, vi } from 'vitest';

import { createLiveScene, nothing, openScene as open } from './fake-event-source.ts';

describe('the one connection', () => {
  it('is opened once for all that a page asks for', () => {
    const { sources, source } = open('overview', 'queue', 'queue');
    expect(sources).toHaveLength(1);
    expect(source().url.startsWith('api/live?')).toBe(true);
    expect(source().watched).toEqual(['overview', 'queue']);
    const { live, pass } = createLiveScene();
    for (const path of ['overview', 'queue']) live.watch(path, nothing);
    expect(pass()).toEqual([0]);
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
    leaves[0]?.();
    pass();
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

  it('is forgotten first where nothing new was told for the longest time', () => {
    const { live, source } = open('queue');
    const tell = (path: string): void => source().tell('change', { watch: path, now: 1, value: path });
    for (let page = 0; page < 30; page += 1) tell(`jobs/${page}`);
    for (const path of ['jobs/0', 'jobs/30']) tell(path);
    expect([live.read('jobs/0').value, live.read('jobs/1').value]).toEqual(['jobs/0', undefined]);
  });

  it('has the time of the server, whatever the clock here says', () => {
    const { live, source } = open('queue');
    source().tell('change', { watch: 'queue', now: 86_400_000, value: 0 });
    expect(Math.round(live.clock.now() / 60_000)).toBe(1_440);
  });

  it('may be old when a stream begins, which sets no clock that the server has set', () => {
    const { live, source, pass } = open('queue');
    const minute = (): number => Math.floor(live.clock.now() / 60_000);
    source().hello({ now: 86_400_000 });
    source().tell('change', { watch: 'queue', now: 60_000, value: 0 });
    expect(minute()).toBe(1_440);
    source().tell('change', { watch: 'queue', now: 120_000_000, value: 1 });
    expect(minute()).toBe(2_000);
    live.reconnect();
    pass();
    source().tell('change', { watch: 'queue', now: 60_000, value: 0 });
    expect(minute()).toBe(2_000);
  });
});
