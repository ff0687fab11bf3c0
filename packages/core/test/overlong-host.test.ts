import { describe, expect, it } from 'vitest';

import { hasOverlongHost } from '../src/overlong-host.ts';

const most = 'é'.repeat(1_000);
const more = `${most}é`;

describe('a host that is longer than any', () => {
  it.each([
    `http://${more}`,
    `HTTPS://${more}/a.png`,
    `http:${more}`,
    `https:/${more}`,
    `http:\\\\${more}`,
    `http://///${more}`,
    `//${more}`,
    `\\/${more}`,
    `ht\ttp:/\n/${more}`,
    ` \u0001 http://${more}`,
    `ftp://${more}`,
    `http://user:${more}@a.example/`,
  ])('is seen wherever the parser finds a host: %#', (text) => {
    expect(hasOverlongHost(text)).toBe(true);
  });

  it.each([
    `http://${most}/${more}`,
    `http://${most}?${more}`,
    `http://${most}#${more}`,
    `http://${most}\\${more}`,
    `/${more}`,
    `${more}/a.png`,
    `?${more}`,
    `data:image/png;base64,${more}`,
  ])('is not seen in what else is long: %#', (text) => {
    expect(hasOverlongHost(text)).toBe(false);
  });
});
