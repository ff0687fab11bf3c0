import { describe, expect, it } from 'vitest';

import {
  boundaryOf,
  MalformedMultipartError,
  MultipartReader,
} from '../../src/testing/imgur-stand-in/multipart-reader.ts';

interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string | undefined;
  text: string;
  ended: boolean;
}

/** Reads a body in pieces of a size and answers its parts. */
function read(body: string, pieceBytes: number = body.length): Part[] {
  const parts: Part[] = [];
  const reader = new MultipartReader('xyz', (head) => {
    const part: Part = { ...head, text: '', ended: false };
    parts.push(part);
    return {
      write: (bytes) => {
        part.text += bytes.toString('latin1');
      },
      end: () => {
        part.ended = true;
      },
    };
  });
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.write(bytes.subarray(at, at + pieceBytes));
  reader.end();
  return parts;
}

const form = [
  '--xyz',
  'Content-Disposition: form-data; name="title"',
  '',
  'A cat\r\n--xy is not a boundary\r\n',
  '--xyz',
  'content-disposition: form-data; filename="a%22b;name=c.png"; name="image"',
  'Content-Type: image/png',
  '',
  '\r\n-\r\n--\r\n--x',
  '--xyz--',
  '',
].join('\r\n');

describe('a multipart body', () => {
  it.each([1, 2, 3, 5, 7, 16, 10_000])('has the same parts in pieces of %i bytes', (pieceBytes) => {
    expect(read(form, pieceBytes)).toEqual([
      {
        name: 'title',
        filename: undefined,
        type: undefined,
        text: 'A cat\r\n--xy is not a boundary\r\n',
        ended: true,
      },
      {
        name: 'image',
        filename: 'a"b;name=c.png',
        type: 'image/png',
        text: '\r\n-\r\n--\r\n--x',
        ended: true,
      },
    ]);
  });

  it('may have a preamble, an epilogue and empty parts', () => {
    const body =
      'before\r\n--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--xyz--\r\nafter\r\n--xyz\r\n';
    expect(read(body)).toMatchObject([{ name: 'a', text: '', ended: true }]);
  });

  it('that ends before its closing boundary is malformed', () => {
    expect(() => read(form.slice(0, -6))).toThrow(MalformedMultipartError);
    expect(() => read('')).toThrow(/no closing boundary/);
  });

  it('with a part that has no name is malformed', () => {
    expect(() => read('--xyz\r\n\r\nbody\r\n--xyz--')).toThrow(/no name/);
    expect(() => read('--xyz\r\nContent-Disposition: form-data; filename="a"\r\n\r\nb\r\n--xyz--')).toThrow(
      /no name/,
    );
  });

  it('with a longer boundary than announced is malformed', () => {
    expect(() => read('--xyzz\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--xyz--')).toThrow(
      /boundary/,
    );
  });

  it('with headers without end is malformed before they are all held', () => {
    const reader = new MultipartReader('xyz', () => ({ write: () => {} }));
    reader.write(Buffer.from('--xyz\r\n'));
    const line = Buffer.alloc(1024, 'h');
    expect(() => {
      for (let lines = 0; lines < 17; lines += 1) reader.write(line);
    }).toThrow(/headers of a part/);
  });
});

describe('a Content-Type', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; charset=utf-8; boundary="a b;c"', 'a b;c'],
    ['multipart/form-data', undefined],
    ['multipart/mixed; boundary=abc', undefined],
    ['image/png', undefined],
  ])('%s has the boundary %s', (contentType, boundary) => {
    expect(boundaryOf(contentType)).toBe(boundary);
  });
});
