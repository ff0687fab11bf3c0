import { gunzipSync } from 'node:zlib';

import { afterAll, describe, expect, it } from 'vitest';

import { createScene } from './scene.ts';
import { icon, iconName, script, scriptName, style, styleName } from '#page';

const files = [
  [scriptName, script],
  [styleName, style],
  [iconName, icon],
] as const;

describe.each(files)('the file %s of the page', (name, text) => {
  const { ask, stop } = createScene();
  afterAll(stop);
  const asked = (headers: Record<string, string>, method = 'GET'): Promise<Response> =>
    ask(`/${name}`, { method, headers });

  it.each(['gzip', 'gzip, deflate, br, zstd', 'br;q=1.0, GZIP; q=0.8, *;q=0.1'])(
    'is sent compressed to who takes %s',
    async (accepted) => {
      const answer = await asked({ 'accept-encoding': accepted });
      expect(answer.headers.get('content-encoding')).toBe('gzip');
      expect(answer.headers.get('vary')).toBe('accept-encoding');
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect(gunzipSync(bytes).toString()).toBe(text);
    },
  );

  it.each(['', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.000, br', 'x-gzip-not', '*;q=0'])(
    'is sent as it is to who takes "%s"',
    async (accepted) => {
      const answer = await asked(accepted === '' ? {} : { 'accept-encoding': accepted });
      expect([answer.headers.get('content-encoding'), answer.headers.get('vary')]).toEqual([
        null,
        'accept-encoding',
      ]);
      expect(await answer.text()).toBe(text);
    },
  );

  it('is not sent again to who has it', async () => {
    const etag = (await asked({})).headers.get('etag') ?? '';
    expect(etag).toContain(name);
    const answer = await asked({ 'if-none-match': `"x", ${etag}` });
    expect([answer.status, await answer.text(), answer.headers.get('etag')]).toEqual([304, '', etag]);
    expect((await asked({ 'if-none-match': '"x"' })).status).toBe(200);
    expect((await asked({ 'accept-encoding': 'gzip' }, 'HEAD')).headers.get('content-encoding')).toBe('gzip');
  });

  it('is understood over HTTP', async () => {
    const scene = createScene();
    const { url } = await scene.serve();
    const answer = await fetch(`${url}/${name}`);
    expect([answer.headers.get('content-encoding'), await answer.text()]).toEqual(['gzip', text]);
    await scene.stop();
  });
});
