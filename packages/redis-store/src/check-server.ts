import { Cluster, Redis } from 'ioredis';

import type { Logger } from '@imgferry/core';
import { RedisSetupError } from './redis-error.ts';

const SCHEMA = 3;

/** Which schema the keys are of, undefined without any, and whether some jobs are still to be brought to it. */
export interface SchemaFound {
  readonly schema: number | undefined;
  readonly isUnfinished: boolean;
}

/**
 * Looks whether this Redis can be trusted with jobs: new enough, no replica, nothing that throws keys away when memory
 * is short, and no keys of a newer schema. @throws RedisSetupError
 */
export async function checkServer(
  client: Redis | Cluster,
  prefix: string,
  logger: Logger,
): Promise<SchemaFound> {
  if (client instanceof Cluster) await checkMasters(client, logger);
  else checkInfo(readInfo(await client.info()), logger);
  const [schema, relisted] = await readSchema(client, prefix);
  if (Number(schema) > SCHEMA)
    throw new RedisSetupError(`the keys are of schema ${schema}; this version knows ${SCHEMA}: update it`);
  return { schema: schema ? Number(schema) : undefined, isUnfinished: Boolean(relisted) };
}

/** A slot can come to any of them. One that became a replica a moment ago is no mistake: nothing is sent to it. */
async function checkMasters(cluster: Cluster, logger: Logger): Promise<void> {
  const replies = await Promise.all(cluster.nodes('master').map((node) => node.info()));
  for (const info of replies.map(readInfo)) if (info.get('role') === 'master') checkInfo(info, logger);
}

/** Keys of an earlier schema are refused where they must not be changed. @throws RedisSetupError */
export function requireSchema({ schema = SCHEMA, isUnfinished }: SchemaFound): void {
  if (schema === SCHEMA && !isUnfinished) return;
  throw new RedisSetupError(
    `the keys are not yet of schema ${SCHEMA}: a process that works on them brings them there when it starts`,
  );
}

async function readSchema(client: Redis | Cluster, prefix: string): Promise<readonly (string | null)[]> {
  try {
    return await client.hmget(`${prefix}meta`, 'schema', 'relisted');
  } catch (error) {
    const isElsewhere = client instanceof Redis && error instanceof Error && /^MOVED\b/.test(error.message);
    if (!isElsewhere) throw error;
    throw new RedisSetupError('this Redis is one node of a cluster; give an ioredis Cluster as client');
  }
}

const MISSING_TIMEOUT = 'no socketTimeout: a connection that dies without a word is not noticed for minutes';
const MISSING_LIMIT =
  'autoResendUnfulfilledCommands: a step that was told to have failed may be carried out when Redis is back';

/** A client that was passed in is the caller's to set up; what it lacks can only be told. */
export function tellWhatIsMissing(client: Redis | Cluster, logger: Logger): void {
  const options = client instanceof Cluster ? client.options.redisOptions : client.options;
  if (options?.socketTimeout === undefined)
    logger.warn({}, `the client of the Redis store has ${MISSING_TIMEOUT}`);
  if (client instanceof Redis && client.options.autoResendUnfulfilledCommands !== false)
    logger.warn({}, `the client of the Redis store has ${MISSING_LIMIT}`);
}

/** Judges what INFO says of one server. */
export function checkInfo(info: ReadonlyMap<string, string>, logger: Logger): void {
  const version = info.get('valkey_version') ?? info.get('redis_version') ?? '0';
  if (Number.parseInt(version, 10) < 7)
    throw new RedisSetupError(`Redis is ${version}; it must be 7.0 or later, or Valkey`);
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction')
    throw new RedisSetupError(`maxmemory-policy is ${policy}, which loses jobs; it must be noeviction`);
  const role = info.get('role') ?? 'master';
  if (role !== 'master') throw new RedisSetupError(`this Redis is a ${role}; jobs need the master`);
  if (info.get('aof_enabled') !== '1')
    logger.info({}, 'Redis keeps no append-only file: what it was told last is lost when it stops hard');
}

/** The facts of an INFO reply by name. */
export function readInfo(reply: string): ReadonlyMap<string, string> {
  const facts = reply.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(facts.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
