const FAR = 10;

/** Whether that is more than ten times as much, or less than a tenth: a slip of a finger, more often than a wish. */
export function isFarResize(slots: number, wanted: number): boolean {
  return wanted > slots * FAR || wanted * FAR < slots;
}
