/** How many leases one step works on, so that none holds up the others. */
export const LEASES_A_STEP = 2_000;

/** What one step can not take at once, in order; one part, which may be empty, when it can. */
export function inParts<Item>(items: readonly Item[], most: number): readonly (readonly Item[])[] {
  const parts: (readonly Item[])[] = [items.slice(0, most)];
  for (let first = most; first < items.length; first += most) parts.push(items.slice(first, first + most));
  return parts;
}
