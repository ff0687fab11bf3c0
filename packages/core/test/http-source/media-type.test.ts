import { describe, expect, test } from 'vitest';

import { mediaTypeOf } from '../../src/http-source/image/media-type.ts';
import { apngOf, gifOf, jpegOf, mp4Of, pngChunk, pngOf } from './images.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const ftyp = (major: string, ...compatible: string[]): Buffer =>
  latin1(
    `\0\0\0${String.fromCharCode(16 + 4 * compatible.length)}ftyp${major}\0\0\0\0${compatible.join('')}`,
  );
const bmp = (size: number): Buffer => {
  const head = Buffer.alloc(54);
  head.write('BM');
  head.writeUInt32LE(size, 14);
  return head;
};

describe('the first bytes tell the type', () => {
  test.each([
    ['image/jpeg', jpegOf()],
    ['image/png', pngOf()],
    ['image/apng', apngOf()],
    ['image/apng', apngOf(pngChunk('iCCP', Buffer.alloc(3_000)))],
    ['image/gif', gifOf()],
    ['image/gif', latin1('GIF87a\x01\0\x01\0')],
    ['image/tiff', latin1('II*\0\x08\0\0\0')],
    ['image/tiff', latin1('MM\0*\0\0\0\x08')],
    ['image/tiff', latin1('II+\0\x08\0\0\0')],
    ['image/webp', latin1('RIFF\x10\0\0\0WEBPVP8 ')],
    ['image/bmp', bmp(40)],
    ['image/jxl', latin1('\xff\x0a\xfa\x1f')],
    ['image/jxl', latin1('\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ')],
    ['image/avif', ftyp('avif', 'mif1', 'miaf')],
    ['image/avif', ftyp('avis', 'avif')],
    ['image/avif', ftyp('mif1', 'avif')],
    ['image/heic', ftyp('heic', 'mif1')],
    ['image/heic', ftyp('mif1', 'heic')],
    ['image/heic', ftyp('hevc')],
    ['video/mp4', mp4Of(100)],
    ['video/mp4', ftyp('mp42', 'isom')],
    ['video/mp4', ftyp('M4V ')],
    ['video/3gpp', ftyp('3gp4')],
    ['audio/mp4', ftyp('M4A ')],
    ['video/quicktime', ftyp('qt  ')],
    ['video/quicktime', latin1('\0\0\0\x08wide\0\0\x10\0mdat')],
    ['video/quicktime', latin1('\0\0\x10\0moov\0\0\0\x6cmvhd')],
    ['video/webm', latin1('\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04')],
    ['video/x-matroska', latin1('\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska')],
    ['video/x-flv', latin1('FLV\x01\x05\0\0\0\x09')],
    ['video/x-msvideo', latin1('RIFF\x10\0\0\0AVI LIST')],
    ['video/x-ms-wmv', Buffer.from('3026b2758e66cf11a6d900aa0062ce6c00', 'hex')],
    ['video/mpeg', latin1('\0\0\x01\xba\x44')],
    ['video/mpeg', latin1('\0\0\x01\xb3\x16')],
  ])('%s (%#)', (type, head) => expect(mediaTypeOf(head)).toBe(type));

  test.each([
    ['nothing', ''],
    ['one byte', '\xff'],
    ['HTML', '<!DOCTYPE html><html>'],
    ['HTML after blanks', '\n\n  <html>'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['SVG with a declaration', '<?xml version="1.0"?><svg/>'],
    ['PDF', '%PDF-1.7'],
    ['JSON', '{"error":"no"}'],
    ['text', 'BMW builds cars in Munich, they say'],
    ['a sound', 'RIFF\x10\0\0\0WAVEfmt '],
    ['a zip', 'PK\x03\x04'],
    ['gzip', '\x1f\x8b\x08'],
    ['half a signature', '\x89PNG\r\n'],
    ['an image after something else', ' \xff\xd8\xff'],
    ['GIF of no version', 'GIF88a'],
  ])('%s is no image', (_, text) => expect(mediaTypeOf(latin1(text))).toBeUndefined());

  test('a picture that is a script as well is a picture', () =>
    expect(mediaTypeOf(latin1('GIF89a/*<script>alert(1)</script>*/=1;'))).toBe('image/gif'));

  test('a mark of animation behind the first pixels does not count', () => {
    const late = Buffer.concat([pngOf(100), pngChunk('acTL', Buffer.alloc(8))]);
    expect(mediaTypeOf(late)).toBe('image/png');
  });

  test('a mark of animation deeper than is looked does not count', () =>
    expect(mediaTypeOf(apngOf(pngChunk('iCCP', Buffer.alloc(5_000))))).toBe('image/png'));

  test('chunks that claim to be endless end the search', () =>
    expect(mediaTypeOf(Buffer.concat([pngOf(100).subarray(0, 33), Buffer.alloc(64, 0xff)]))).toBe(
      'image/png',
    ));
});
