import { describe, expect, it, vi } from 'vitest';

import { createLiveScene, nothing, openScene as open } from './fake-event-source.ts';

/** What asks why a connection was refused has to have its answer. */
const answered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('the state of the connection', () => {
  it('is connecting, live, lost since a moment, and live again when the browser has it back', async () => {
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
    await answered();
    expect(pass()).toEqual([]);
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
    source().giveUp();
    await answered();
    expect(pass()).toEqual([1_000]);
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

  it('is not that of a stream which was given up for another while the server was asked why', async () => {
    const { live, scene, source, sources, pass } = open('queue');
    scene.status = 401;
    source().giveUp();
    live.watch('overview', nothing);
    pass();
    await answered();
    expect([live.connection.state, sources.length]).toEqual(['lost', 2]);
    source().hello();
    scene.status = 200;
    source().giveUp();
    live.watch('workers', nothing);
    await answered();
    expect(pass()).toEqual([0, 1_000]);
    expect(pass()).toEqual([]);
    expect(sources).toHaveLength(3);
  });

  it('stays refused until the server lets one in: when it is tried again, and while nobody looks', async () => {
    const { live, scene, source, pass } = open('queue');
    scene.status = 401;
    source().giveUp();
    await answered();
    live.rest();
    pass();
    expect(live.connection.state).toBe('refused');
    live.reconnect();
    pass();
    source().giveUp();
    expect(live.connection.state).toBe('refused');
    await answered();
    live.reconnect();
    pass();
    source().hello();
    expect(live.connection.state).toBe('live');
  });

  it('forgets that something can not be watched when whoever wanted it left before that was known', async () => {
    const { live, leaves, scene, source, pass } = open('jobs/no-id', 'queue');
    Object.assign(scene, { status: 200, wrong: ['jobs/no-id'] });
    source().giveUp();
    leaves[0]?.();
    await answered();
    live.watch('jobs/no-id', nothing);
    pass();
    pass();
    expect(source().watched).toEqual(['jobs/no-id', 'queue']);
  });

  it('is not behind for what can not be watched', async () => {
    const { live, scene, source } = open('jobs/no-id', 'queue');
    source().tell('trouble', { watch: 'jobs/no-id', now: 1, problem: { status: 503, title: '' } });
    expect(live.isBehind).toBe(true);
    Object.assign(scene, { status: 200, wrong: ['jobs/no-id'] });
    source().giveUp();
    await answered();
    expect(live.isBehind).toBe(false);
  });
});
