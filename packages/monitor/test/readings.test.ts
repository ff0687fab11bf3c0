import { afterEach, describe, expect, it, vi } from 'vitest';

import { Readings } from '../src/read/readings.ts';
import { createScene } from './scene.ts';

afterEach(() => void vi.restoreAllMocks());

describe('what all who look share', () => {
  it.each(['stats', 'workers', 'workersAndHolds', 'workersAndSettings', 'budget', 'recentFailures'] as const)(
    'is read anew after a change: %s',
    async (reading) => {
      vi.spyOn(performance, 'now').mockReturnValue(0);
      const { uploader, stop } = createScene();
      const readings = new Readings(uploader, 1_000);
      const method = reading.startsWith('workers') ? 'workers' : reading;
      const asked = vi.spyOn(uploader, method as 'stats');
      await readings[reading]();
      await readings[reading]();
      expect(asked).toHaveBeenCalledTimes(1);
      readings.forget();
      await readings[reading]();
      expect(asked).toHaveBeenCalledTimes(2);
      await stop();
    },
  );
});
