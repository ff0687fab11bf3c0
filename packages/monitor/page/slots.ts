export const mostSlots = 10_000;
export const slotsRule = `Slots must be a whole number from 1 to ${mostSlots}.`;

/** What somebody has typed as a number of slots; undefined where it is none that a worker may have. */
export function slotsOf(typed: string): number | undefined {
  const slots = /^\d+$/.test(typed.trim()) ? Number(typed) : 0;
  return slots >= 1 && slots <= mostSlots ? slots : undefined;
}
