/** What the ids of workers are made of, as they stand in paths and in logs. */
const pattern = /^[\w.:@-]{1,128}$/;
/** What stands for every worker, and what a URL takes for a folder. */
const taken: ReadonlySet<string> = new Set(['all', '.', '..']);

/** Whether a worker can have this id. */
export function isWorkerId(id: unknown): id is string {
  return typeof id === 'string' && pattern.test(id) && !taken.has(id);
}
