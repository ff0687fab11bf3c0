/** So many bytes to add, and how to fill what can be chosen of them. */
export interface Padding {
  readonly bytes: number;
  readonly fill: (bytes: number) => Buffer;
}

/** Makes the bytes of a sample around a padding; one that is too small for the format adds nothing. */
export type SampleFormat = (padding: Padding) => Buffer;
