import { describe, expect, it, vi } from 'vitest';

import { createLiveScene } from './fake-event-source.ts';

/** A page at the uploads of job `a` that is connected. */
function open() {
  const scene = createLiveScene();
  scene.live.watch('jobs/a/uploads', () => {});
  scene.pass();
  scene.source().hello();
  const progress = (index: number, sentBytes: number): void =>
    scene.source().tell('progress', { jobId: 'a', index, sentBytes, totalBytes: 40 });
  return { ...scene, progress };
}

describe('how far an upload is', () => {
  it('is told to who shows it and to nobody else, once for each picture of the screen', () => {
    const { live, progress, draw } = open();
    const [third, fourth] = [vi.fn(), vi.fn()];
    live.sent.show('a', 3, third);
    live.sent.show('a', 4, fourth);
    for (let sent = 1; sent <= 10; sent += 1) progress(3, sent);
    expect(third).not.toHaveBeenCalled();
    expect(draw()).toBe(1);
    expect([third.mock.calls.length, fourth.mock.calls.length]).toEqual([1, 0]);
    expect(live.sent.of('a', 3)).toEqual({ sentBytes: 10, totalBytes: 40 });
    progress(4, 1);
    expect(draw()).toBe(1);
    expect([third.mock.calls.length, fourth.mock.calls.length]).toEqual([1, 1]);
  });

  it('is not kept of what nobody shows, nor when it is shown no more', () => {
    const { live, progress, draw } = open();
    progress(3, 10);
    const leave = live.sent.show('a', 3, () => {});
    expect([live.sent.of('a', 3), draw()]).toEqual([undefined, 0]);
    progress(3, 20);
    leave();
    draw();
    expect(live.sent.of('a', 3)).toBeUndefined();
    const back = vi.fn();
    live.sent.show('a', 3, back);
    expect(live.sent.of('a', 3)).toBeUndefined();
    // Who left before takes nothing from who shows it now.
    leave();
    progress(3, 30);
    expect(draw()).toBe(1);
    expect([live.sent.of('a', 3)?.sentBytes, back.mock.calls.length]).toEqual([30, 1]);
  });

  it('is forgotten when another connection begins', () => {
    const { live, progress, pass } = open();
    live.sent.show('a', 3, () => {});
    progress(3, 10);
    live.reconnect();
    pass();
    expect(live.sent.of('a', 3)).toBeUndefined();
  });
});
