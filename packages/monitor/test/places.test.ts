import { describe, expect, it } from 'vitest';

import { Places } from '../src/live/places.ts';

describe('a place for a stream', () => {
  it('is given back once, however often that is said, so that no more are there than there may be', () => {
    const places = new Places({ maxStreams: 2, maxStreamsPerClient: 1 });
    const giveBack = places.take('a');
    places.take('b');
    giveBack();
    giveBack();
    expect(places.taken).toBe(1);
    places.take('a');
    expect(() => places.take('a')).toThrow(/too many pages watch/);
    expect(() => places.take('c')).toThrow(/too many pages watch/);
  });
});
