import { describe, expect, it } from 'vitest';

import { EventHub } from '../src/event-hub.ts';
import { silentLogger } from '../src/logger.ts';

const resumed = { host: 'fake' };

function hubWithLog(): { hub: EventHub; logged: { facts: object; message: string }[] } {
  const logged: { facts: object; message: string }[] = [];
  const hub = new EventHub({ ...silentLogger, error: (facts, message) => logged.push({ facts, message }) });
  return { hub, logged };
}

describe('events', () => {
  it('reach every listener until it is taken away', () => {
    const { hub } = hubWithLog();
    const heard: string[] = [];
    const off = hub.on('host:resumed', ({ host }) => heard.push(`a ${host}`));
    hub.on('host:resumed', ({ host }) => heard.push(`b ${host}`));
    hub.tell('host:resumed', resumed);
    off();
    hub.tell('host:resumed', resumed);
    expect(heard).toEqual(['a fake', 'b fake', 'b fake']);
  });

  it('reach a listener for one event once', () => {
    const { hub } = hubWithLog();
    const heard: string[] = [];
    hub.once('host:resumed', ({ host }) => heard.push(host));
    const off = hub.once('host:resumed', () => heard.push('never'));
    off();
    hub.tell('host:resumed', resumed);
    hub.tell('host:resumed', resumed);
    expect(heard).toEqual(['fake']);
  });

  it('keep a listener that throws from the others and from the teller', () => {
    const { hub } = hubWithLog();
    const wrong = new Error('mine');
    const errors: unknown[] = [];
    const heard: string[] = [];
    hub.on('error', (event) => errors.push(event));
    hub.on('host:resumed', () => {
      throw wrong;
    });
    hub.on('host:resumed', ({ host }) => heard.push(host));
    hub.tell('host:resumed', resumed);
    expect(heard).toEqual(['fake']);
    expect(errors).toEqual([{ error: wrong, during: 'a listener of host:resumed' }]);
  });

  it('tell of a listener whose promise rejects', async () => {
    const { hub } = hubWithLog();
    const wrong = new Error('later');
    hub.on('host:resumed', () => Promise.reject(wrong));
    const told = new Promise((resolve) => hub.on('error', resolve));
    hub.tell('host:resumed', resumed);
    expect(await told).toEqual({ error: wrong, during: 'a listener of host:resumed' });
  });

  it('log an error that nobody listens to, and one in a listener of errors, once', () => {
    const { hub, logged } = hubWithLog();
    const first = new Error('first');
    const second = new Error('second');
    hub.tell('error', { error: first, during: 'x' });
    hub.on('error', () => {
      throw second;
    });
    hub.tell('error', { error: first, during: 'y' });
    expect(logged).toEqual([
      { facts: { err: expect.objectContaining({ message: 'first' }) }, message: 'error during x' },
      {
        facts: { err: expect.objectContaining({ message: 'second' }) },
        message: 'error during a listener of error',
      },
    ]);
  });
});
