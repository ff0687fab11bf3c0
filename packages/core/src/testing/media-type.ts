const STARTS: readonly (readonly [type: string, at: number, bytes: string])[] = [
  ['image/jpeg', 0, 'ffd8ff'],
  ['image/png', 0, '89504e470d0a1a0a'],
  ['image/gif', 0, '474946383761'],
  ['image/gif', 0, '474946383961'],
  ['image/tiff', 0, '49492a00'],
  ['image/tiff', 0, '4d4d002a'],
  ['image/webp', 8, '57454250'],
  ['video/x-msvideo', 8, '41564920'],
  ['video/mp4', 4, '66747970'],
  ['video/x-matroska', 0, '1a45dfa3'],
  ['video/x-flv', 0, '464c5601'],
  ['video/x-ms-wmv', 0, '3026b2758e66cf11'],
  ['video/mpeg', 0, '000001ba'],
  ['video/mpeg', 0, '000001b3'],
];

/**
 * Tells a media type by the first bytes, `undefined` when they are of none that is known here. Written apart from the
 * library's own reading of types, so that neither can hide a mistake of the other.
 */
export function mediaTypeOf(head: Buffer): string | undefined {
  const type = STARTS.find(([, at, bytes]) => head.toString('hex', at, at + bytes.length / 2) === bytes)?.[0];
  if (type === 'image/png') return isAnimatedPng(head) ? 'image/apng' : type;
  if (type === 'video/mp4') return mediaTypeOfBrand(head.toString('latin1', 8, 12));
  if (type === 'video/x-matroska') return head.subarray(0, 64).includes('webm') ? 'video/webm' : type;
  return type;
}

/** An acTL chunk before the first IDAT makes a PNG an APNG. */
function isAnimatedPng(head: Buffer): boolean {
  for (let at = 8; at + 8 <= head.length; at += 12 + head.readUInt32BE(at)) {
    const chunk = head.toString('latin1', at + 4, at + 8);
    if (chunk === 'acTL') return true;
    if (chunk === 'IDAT') return false;
  }
  return false;
}

function mediaTypeOfBrand(brand: string): string | undefined {
  if (brand === 'qt  ') return 'video/quicktime';
  if (brand.startsWith('avi')) return 'image/avif';
  if (/^(hei|hev|mif|msf)/.test(brand)) return 'image/heic';
  return 'video/mp4';
}
