/** A variable that can not work. The message names it and says what it must be; it never repeats a secret. */
export class ConfigError extends Error {
  override name = 'ConfigError' as const;
}

/** Environment variables, as `process.env` has them. Empty counts as not set. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What a variable holds, without spaces around it. */
export function text(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** Credentials travel in headers, where neither spaces nor control characters belong. */
export function secret(env: Env, name: string): string | undefined {
  const value = text(env, name);
  if (value !== undefined && !/^[\x21-\x7e]+$/.test(value))
    throw new ConfigError(`${name} holds a space or a character that no credential has`);
  return value;
}

/** A whole number in a range. @throws ConfigError */
export function whole(env: Env, name: string, otherwise: number, least: number, most: number): number {
  const value = text(env, name);
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least || number > most)
    throw new ConfigError(`${name} is ${shown(value)}; it must be a whole number from ${least} to ${most}`);
  return number;
}

/** A port; 0 is any free one. @throws ConfigError */
export function port(env: Env, name: string, otherwise: number): number {
  return whole(env, name, otherwise, 0, 65_535);
}

/** A value as a message may show it: quoted, so that nothing in it moves a terminal, and short. */
export function shown(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
