import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const flags = ['--conditions=@imgferry/source', '--disable-warning=ExperimentalWarning'];

describe('the example that converts images', () => {
  it('ends with 0 and shows what becomes of each picture, as it is and converted', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, main]);
    expect(stderr).toBe('');
    const [asTheyAre, converted] = stdout.split('\n\n').map((text) => text.trimEnd().split('\n').slice(1));
    const bitmap = expect.stringMatching(/bytes {2}unsupported_type: the host does not take image\/bmp$/);

    expect(asTheyAre).toEqual([
      becomes('/logo.png', 'png', 'image/png', '320 × 200'),
      ...Array(5).fill(expect.stringMatching(/unsupported_type: the host does not take image\/(webp|avif)$/)),
      bitmap,
    ]);
    expect(converted).toEqual([
      expect.stringMatching(/^log: the transform failed on an image: Error: Input buffer has corrupt header/),
      becomes('/logo.png', 'png', 'image/png', '320 × 200'),
      becomes('/logo.webp', 'png', 'image/png', '320 × 200'),
      becomes('/photo.avif', 'jpg', 'image/jpeg', '320 × 200'),
      becomes('/photo.webp', 'jpg', 'image/jpeg', '200 × 320'),
      becomes('/moving.webp', 'gif', 'image/gif', '320 × 200'),
      expect.stringMatching(/^\/broken\.webp .* transform_failed: the transform failed on this image\/webp;/),
      bitmap,
    ]);
  });
});

function becomes(path: string, extension: string, type: string, size: string): unknown {
  const link = `https://i\\.imgur\\.com/\\w{7}\\.${extension}`;
  return expect.stringMatching(`^${path} +\\d+ bytes  ${link}  ${type}, \\d+ bytes, ${size}$`);
}
