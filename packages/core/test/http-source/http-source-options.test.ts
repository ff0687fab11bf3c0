import { describe, expect, test } from 'vitest';

import { InvalidOptionError } from '../../src/errors.ts';
import type { HttpSourceOptions } from '../../src/http-source/index.ts';
import { sourceOf } from './loopback.ts';

describe('the options of a source', () => {
  test('have defaults that hold the largest image of Imgur', () =>
    expect(sourceOf().maxHeldBytes).toBeGreaterThanOrEqual(200 * 1024 * 1024));

  test.each<[string, unknown]>([
    ['allow', ['localhost']],
    ['allow', ['10.0.0.0/33']],
    ['allow', '10.0.0.1'],
    ['ports', [0]],
    ['ports', [65_536]],
    ['ports', ['80']],
    ['ports', 80],
    ['denyHosts', ['own.example:8080']],
    ['denyHosts', [7]],
    ['denyHosts', 'own.example'],
    ['connectTimeoutMs', 0],
    ['headersTimeoutMs', 1.5],
    ['idleTimeoutMs', Number.NaN],
    ['totalTimeoutMs', -1],
    ['totalTimeoutMs', 2 ** 31],
    ['largeTotalTimeoutMs', 119_999],
    ['maxRedirects', -1],
    ['maxHeldBytes', 0],
    ['maxHeldBytes', Number.POSITIVE_INFINITY],
    ['smallBytes', -1],
    ['connectionsPerHost', 0],
    ['pauseMs', 0],
    ['userAgent', ''],
    ['userAgent', 'a\r\nhost: b'],
    ['resolve', 'dns'],
  ])('refuse %s %j', (option, value) => {
    const refused = (): unknown => sourceOf({ [option]: value } as HttpSourceOptions);
    expect(refused).toThrow(InvalidOptionError);
    expect(refused).toThrow(new RegExp(`^${option} `));
  });

  test('let the limit of large bodies grow with the other', () =>
    expect(sourceOf({ totalTimeoutMs: 900_000 }).maxHeldBytes).toBeGreaterThan(0));
});
