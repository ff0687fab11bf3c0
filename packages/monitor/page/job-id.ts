/** The id of a job that somebody has typed or pasted; undefined where no job can have it. */
export function jobIdOf(typed: string): string | undefined {
  const id = typed.trim().toLowerCase();
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : undefined;
}
