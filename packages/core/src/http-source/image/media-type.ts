/** How many of the first bytes are looked at: an APNG has its mark before its first pixels, usually within a hundred bytes. */
export const headBytes = 4_096;

type Rule = readonly [type: string, matches: (head: Buffer) => boolean];

const starts = (text: string, at = 0) => {
  const bytes = Buffer.from(text, 'latin1');
  return (head: Buffer): boolean => head.subarray(at, at + bytes.length).equals(bytes);
};
const riff = (form: string) => (head: Buffer) => starts('RIFF')(head) && starts(form, 8)(head);
const brand = (pattern: RegExp) => (head: Buffer) => starts('ftyp', 4)(head) && pattern.test(brandsOf(head));
const ebml = starts('\x1a\x45\xdf\xa3');
const png = starts('\x89PNG\r\n\x1a\n');

// The first that fits. Types that Imgur does not take are here so that the failure can name them.
const rules: readonly Rule[] = [
  ['image/jpeg', starts('\xff\xd8\xff')],
  ['image/apng', (head) => png(head) && isAnimated(head)],
  ['image/png', png],
  ['image/gif', starts('GIF87a')],
  ['image/gif', starts('GIF89a')],
  ['image/tiff', starts('II*\0')],
  ['image/tiff', starts('MM\0*')],
  ['image/tiff', starts('II+\0')],
  ['image/tiff', starts('MM\0+')],
  ['image/webp', riff('WEBP')],
  ['image/bmp', isBitmap],
  ['image/jxl', starts('\xff\x0a')],
  ['image/jxl', starts('\0\0\0\x0cJXL \r\n\x87\n')],
  ['video/x-msvideo', riff('AVI ')],
  ['video/quicktime', brand(/^qt {2}/)],
  ['image/avif', brand(/^avi[fs]|^mi[fa]1.*avi[fs]/)],
  ['image/heic', brand(/^(hei[cxms]|hev[cxms]|mif1|msf1)/)],
  ['video/3gpp', brand(/^3g/)],
  ['audio/mp4', brand(/^M4[ABP]/)],
  ['video/mp4', starts('ftyp', 4)],
  ['video/quicktime', (head) => /^(moov|mdat|wide|pnot)$/.test(head.toString('latin1', 4, 8))],
  ['video/webm', (head) => ebml(head) && head.subarray(0, 64).includes('\x42\x82\x84webm', 0, 'latin1')],
  ['video/x-matroska', ebml],
  ['video/x-flv', starts('FLV\x01')],
  ['video/x-ms-wmv', starts('\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c')],
  ['video/mpeg', starts('\0\0\x01\xba')],
  ['video/mpeg', starts('\0\0\x01\xb3')],
];

/**
 * Tells the media type by the first bytes; `undefined` when they are of no image or video. What follows them is not
 * looked at: a picture that is a script as well is the picture it says it is.
 */
export function mediaTypeOf(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, headBytes));
  return rules.find(([, matches]) => matches(bytes))?.[0];
}

/** The major brand and the compatible ones after the version (ISO/IEC 14496-12, section 4.3). */
function brandsOf(head: Buffer): string {
  const end = Math.min(head.readUInt32BE(0), head.length, 128);
  return head.toString('latin1', 8, 12) + head.toString('latin1', 16, end);
}

/** An acTL chunk before the first IDAT makes a PNG an APNG. */
function isAnimated(head: Buffer): boolean {
  for (let at = 8; at + 8 <= head.length; at += 12 + head.readUInt32BE(at)) {
    const chunk = head.toString('latin1', at + 4, at + 8);
    if (chunk === 'acTL') return true;
    if (chunk === 'IDAT') return false;
  }
  return false;
}

/** `BM` alone begins many a text; the size of the second header is one of a few. */
function isBitmap(head: Buffer): boolean {
  return (
    starts('BM')(head) && head.length >= 18 && [12, 40, 52, 56, 64, 108, 124].includes(head.readUInt32LE(14))
  );
}
