/** An image that the stand-in accepted, as far as it is remembered. */
export interface ReceivedImage {
  /** Seven letters and digits, different for every image. */
  readonly id: string;
  /** `https://i.imgur.com/<id>.<extension of the type>`. */
  readonly link: string;
  /** Fifteen letters and digits. */
  readonly deleteHash: string;
  /** The SHA-256 of the image in hexadecimal. */
  readonly sha256: string;
  /** The size of the image in bytes. */
  readonly bytes: number;
  /** The media type, told by the first bytes. */
  readonly type: string;
  /** The first 16 bytes of the image. */
  readonly firstBytes: Uint8Array;
  /** Pixels; only of PNG, GIF and JPEG. */
  readonly width?: number;
  /** Pixels; only of PNG, GIF and JPEG. */
  readonly height?: number;
  /** The file name that the part was given; absent without one. */
  readonly filename?: string;
  /** Every other field of the form, by its name: `title`, `description`, `album`, `type`, `name`. */
  readonly fields: Readonly<Record<string, string>>;
  /** When it was accepted, in milliseconds since 1970, by the clock of the stand-in. */
  readonly at: number;
  /** True once it was deleted by its deletehash. */
  readonly deleted: boolean;
}
