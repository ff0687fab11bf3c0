import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { readDockerfile } from '../../../scripts/dockerfile.mjs';
import { readConfig } from '../src/config.ts';
import { readRole, requireShared } from '../src/role.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const compose = read('compose.yaml');
const image = readDockerfile(read('Dockerfile')).stages.at(-1);

/** The part of compose.yaml below a key, as far as it is indented more. */
function below(key: string, indent: number): string {
  const lines = compose.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`${' '.repeat(indent)}${key}:`));
  const end = lines.findIndex((line, at) => at > first && /\S/.test(line) && line.search(/\S/) <= indent);
  return lines.slice(first + 1, end === -1 ? undefined : end).join('\n');
}

/** The variables in a part, with the values that they have while nothing is set outside. */
function variables(part: string): Record<string, string> {
  const pairs = [...part.matchAll(/^ +([A-Z_]{4,}): "?(.*?)"?$/gm)];
  return Object.fromEntries(
    pairs.map(([, name, value]) => [name ?? '', (value ?? '').replace(/\$\{\w+:-(.*?)\}/, '$1')]),
  );
}

const roles = ['stand-in', 'api', 'monitor', 'worker'] as const;
const jobs = variables(below('x-jobs', 0));
const fleet = { ...jobs, ...variables(below('x-fleet', 0)) };
const shared = { 'stand-in': {}, api: fleet, monitor: jobs, worker: fleet };
const environmentOf = (role: (typeof roles)[number]): Record<string, string> => ({
  ...image?.env,
  ...shared[role],
  ...variables(below(role, 2)),
});

/** The ports that the image names. */
const exposed = (): string[] =>
  image?.steps.find(({ instruction }) => instruction === 'EXPOSE')?.args.split(' ') ?? [];

describe('the compose file', () => {
  it.each(roles)('gives %s a command and variables that the service starts with', (role) => {
    const command = /command: \[([\w-]+)\]/.exec(below(role, 2))?.[1] ?? '';
    expect(readRole([command])).toBe(role);
    const config = readConfig(environmentOf(role));
    expect(() => requireShared(role, config)).not.toThrow();
    expect(config.unused).toEqual([]);
  });

  it.each(roles)('leaves %s where the health check of the image looks', (role) => {
    expect(readConfig(environmentOf(role)).healthPort).toBe(Number(image?.env.HEALTH_PORT));
  });

  it('names the stand-in and the api where they listen', () => {
    const standIn = readConfig(environmentOf('stand-in'));
    expect(new URL(fleet.IMGUR_STAND_IN_URL ?? '')).toMatchObject({
      hostname: 'stand-in',
      port: `${standIn.port}`,
    });
    const [, published] = /ports: \["127\.0\.0\.1:8080:(\d+)"\]/.exec(below('api', 2)) ?? [];
    const { host, port } = readConfig(environmentOf('api'));
    expect([host, `${port}`]).toEqual(['0.0.0.0', published]);
    expect(exposed()).toContain(published);
  });

  it('shows the monitor to this machine alone, to look at, until it is given a password', () => {
    const [, published] = /ports: \["127\.0\.0\.1:5555:(\d+)"\]/.exec(below('monitor', 2)) ?? [];
    const environment = environmentOf('monitor');
    const { host, monitor } = readConfig(environment);
    expect([host, `${monitor.port}`]).toEqual(['0.0.0.0', published]);
    expect(exposed()).toContain(published);
    expect(monitor.access).toEqual({ anonymous: 'read' });
    for (const name of ['MONITOR_HOST_NAMES', 'MONITOR_CLIENT_HEADER'])
      expect(below('monitor', 2)).toContain(`${name}: $\{${name}:-}`);
    const withPassword = { ...environment, MONITOR_USER: 'me', MONITOR_PASSWORD: 'long enough' };
    expect(readConfig(withPassword).monitor.access).toHaveProperty('users');
  });

  it('gives the monitor no credentials', () => {
    expect(below('monitor', 2)).toContain('<<: *jobs');
    expect(Object.keys(environmentOf('monitor')).filter((name) => /^(IMGUR|RAPIDAPI)_/.test(name))).toEqual(
      [],
    );
  });
});
