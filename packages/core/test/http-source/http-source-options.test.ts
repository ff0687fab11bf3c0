import { lookup } from 'node:dns';
import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { InvalidOptionError } from '../../src/errors.ts';
import { resolveHttpSourceOptions } from '../../src/http-source/http-source-options.ts';
import type { HttpSourceOptions } from '../../src/http-source/index.ts';
import { sourceOf } from './loopback.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
const certificate = fixture('tls-cert.pem');
const key = fixture('tls-key.pem');

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
    ['denyHosts', ['10.0.0.0/33']],
    ['denyHosts', ['own.example/8']],
    ['denyHosts', ['*.example']],
    ['lookupTimeoutMs', 0],
    ['denyHosts', 'own.example'],
    ['connectTimeoutMs', 0],
    ['headersTimeoutMs', 1.5],
    ['idleTimeoutMs', Number.NaN],
    ['totalTimeoutMs', -1],
    ['totalTimeoutMs', 2 ** 31],
    ['largeTotalTimeoutMs', 119_999],
    ['minBytesPerSecond', -1],
    ['maxPixels', 0],
    ['certificates', 'pem'],
    ['certificates', { '*.example': certificate }],
    ['certificates', { 'files.example:8443': certificate }],
    ['certificates', { 'files.example': 7 }],
    ['certificates', { 'files.example': '' }],
    ['certificates', { 'files.example': certificate.replace('MII', 'NII') }],
    ['certificates', { 'files.example': certificate + key }],
    ['maxRedirects', -1],
    ['maxHeldBytes', 0],
    ['maxHeldBytes', Number.POSITIVE_INFINITY],
    ['smallBytes', -1],
    ['connectionsPerHost', 0],
    ['hostPauseMs', 0],
    ['userAgent', ''],
    ['userAgent', 'a\r\nhost: b'],
    ['resolve', 'dns'],
    ['alow', ['10.0.0.0/8']],
  ])('refuse %s %j', (option, value) => {
    const refused = (): unknown => sourceOf({ [option]: value } as HttpSourceOptions);
    expect(refused).toThrow(InvalidOptionError);
    expect(refused).toThrow(new RegExp(`^${option} `));
    expect(refused).not.toThrow(/BEGIN/);
  });

  test('have the defaults that their doc comments tell', () => {
    const text = readFileSync(
      new URL('../../src/http-source/http-source-options.ts', import.meta.url),
      'utf8',
    );
    const told = [...text.matchAll(/@default (\d+)[^@]*?readonly (\w+)\?/g)];
    const numbers = Object.entries(resolveHttpSourceOptions({})).filter(([, value]) =>
      Number.isInteger(value),
    );
    expect(told.map(([, value, option]) => [option, Number(value)]).sort()).toEqual(numbers.sort());
  });

  test('let the limit of large bodies grow with the other', () =>
    expect(sourceOf({ totalTimeoutMs: 900_000 }).maxHeldBytes).toBeGreaterThan(0));

  test('look names up at name servers, unless something inside is allowed that only the machine may know', () => {
    expect(resolveHttpSourceOptions({}).resolve).not.toBe(lookup);
    expect(resolveHttpSourceOptions({ allow: ['10.0.0.0/8'] }).resolve).toBe(lookup);
    const resolve = () => {};
    expect(resolveHttpSourceOptions({ resolve }).resolve).toBe(resolve);
  });
});
