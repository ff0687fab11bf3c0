import sharp, { type Sharp } from 'sharp';

const [width, height] = [320, 200];

/** What pages of today hold, by its path. Drawn with sharp, which writes more formats than it is allowed to read here. */
export async function drawPictures(): Promise<Readonly<Record<string, Uint8Array>>> {
  const turned = { orientation: 6 };
  const webp = await picture('opaque').webp().toBuffer();
  return {
    '/logo.png': await picture('transparent').png().toBuffer(),
    '/logo.webp': await picture('transparent').webp().toBuffer(),
    '/photo.avif': await picture('opaque').avif({ effort: 0 }).toBuffer(),
    '/photo.webp': await picture('opaque').withMetadata(turned).webp().toBuffer(),
    '/moving.webp': await moving().webp().toBuffer(),
    '/broken.webp': webp.subarray(0, webp.length / 2),
    // Eight bytes of pixels after the two headers of a bitmap. The binaries of sharp have nothing that reads it.
    '/scan.bmp': Buffer.from(
      '424d3e0000000000000036000000280000000200000001000000010018000000000008000000130b0000130b00000000000000000000ff000000ff000000',
      'hex',
    ),
  };
}

function picture(kind: 'opaque' | 'transparent'): Sharp {
  const channels = kind === 'opaque' ? 3 : 4;
  return sharp(pixels(channels, 0), { raw: { width, height, channels } });
}

function moving(): Sharp {
  const frames = Buffer.concat([0, 80, 160].map((shift) => pixels(3, shift)));
  return sharp(frames, { raw: { width, height: 3 * height, channels: 3, pageHeight: height } });
}

/** Red grows to the right, green downwards, and what is transparent shows through more and more. */
function pixels(channels: 3 | 4, shift: number): Buffer {
  const bytes = Buffer.alloc(width * height * channels);
  for (let at = 0; at < width * height; at += 1) {
    const [x, y] = [(at + shift) % width, Math.floor(at / width)];
    bytes.set(
      [(x * 255) / width, (y * 255) / height, 128, (x * 255) / width].slice(0, channels),
      at * channels,
    );
  }
  return bytes;
}
