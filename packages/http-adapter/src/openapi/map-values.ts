/** A record with the same keys and other values. */
export function mapValues<Key extends string | number, Value, Mapped>(
  record: Readonly<Partial<Record<Key, Value>>>,
  map: (value: Value, key: string) => Mapped,
): Record<string, Mapped> {
  const entries = Object.entries<unknown>(record).map(([key, value]) => [key, map(value as Value, key)]);
  return Object.fromEntries(entries);
}
