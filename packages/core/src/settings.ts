/**
 * Settings in force, by name, for people to read: `leaseMs`, `source.totalTimeoutMs`. Numbers say their unit in the name.
 * No secret is among them.
 */
export type Settings = Readonly<Record<string, string | number | boolean>>;
