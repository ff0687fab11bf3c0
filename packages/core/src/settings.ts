/**
 * Settings in force, by name, for people to read: `leaseMs`, `source.totalTimeoutMs`. Numbers say their unit in the name.
 * No secret is among them. Of what a source, a host or a store tells at most 100 are taken, and 200 characters of a text.
 */
export type Settings = Readonly<Record<string, string | number | boolean>>;
