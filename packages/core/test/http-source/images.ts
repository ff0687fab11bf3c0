/** A PNG of exactly so many bytes, its pixels nonsense. */
export function pngOf(bytes = 100): Buffer {
  const header = pngChunk('IHDR', Buffer.from('00000001000000010800000000', 'hex'));
  const end = pngChunk('IEND', Buffer.alloc(0));
  const rest = bytes - 8 - header.length - end.length - 12;
  return Buffer.concat([pngSignature, header, pngChunk('IDAT', Buffer.alloc(rest, 7)), end]);
}

/** An animated PNG: an acTL chunk before the first IDAT, after `before`. */
export function apngOf(before: Buffer = Buffer.alloc(0)): Buffer {
  const png = pngOf(100);
  return Buffer.concat([png.subarray(0, 33), before, pngChunk('acTL', Buffer.alloc(8)), png.subarray(33)]);
}

export const pngSignature: Buffer = Buffer.from('89504e470d0a1a0a', 'hex');

export function pngChunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(type, 'latin1'), data, Buffer.alloc(4)]);
}

/** A JPEG whose EXIF holds a whole thumbnail, with stuffed bytes and a restart marker in its data. */
export function jpegOf(dataBytes = 200): Buffer {
  const thumbnail = Buffer.from('ffd8ffdb0003' + '00ffd9', 'hex');
  const scan = Buffer.concat([
    Buffer.alloc(dataBytes, 5),
    Buffer.from('ff00ffd0ff00', 'hex'),
    Buffer.alloc(20, 6),
  ]);
  return Buffer.concat([
    Buffer.from('ffd8', 'hex'),
    jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), thumbnail])),
    jpegFrame(1, 1),
    jpegSegment(0xda, Buffer.alloc(8)),
    scan,
    Buffer.from('ffd9', 'hex'),
  ]);
}

export function jpegSegment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** A frame header: baseline unless another marker is given, 8 bits, one component. */
export function jpegFrame(width: number, height: number, marker = 0xc0): Buffer {
  const data = Buffer.from('080000000001011100', 'hex');
  data.writeUInt16BE(height, 1);
  data.writeUInt16BE(width, 3);
  return jpegSegment(marker, data);
}

/** A GIF with a colour table, an extension and a frame whose data holds the byte of the trailer. */
export function gifOf(): Buffer {
  return Buffer.concat([
    Buffer.from('GIF89a\x01\0\x01\0\x80\0\0', 'latin1'),
    Buffer.alloc(6, 0x3b),
    Buffer.from('21f904' + '04000000' + '00', 'hex'),
    Buffer.from('2c0000000001000100' + '00' + '02', 'hex'),
    Buffer.from('043b3b3b3b' + '023b3b' + '00', 'hex'),
    Buffer.from('3b', 'hex'),
  ]);
}

/** An MP4 of so many bytes, or the first of one that is longer. */
export function mp4Of(bytes: number, wholeBytes = bytes): Buffer {
  const file = Buffer.alloc(bytes, 1);
  file.write('\0\0\0\x18ftypisom\0\0\x02\0isommp41', 'latin1');
  file.writeUInt32BE(wholeBytes - 24, 24);
  file.write('mdat', 28);
  return file;
}
