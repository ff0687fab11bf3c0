/** As the host of Imgur names its limits: the host, the kind, and whom it is counted for. */
const KINDS: Readonly<Record<string, string>> = {
  client: 'uploads of this application, in a day',
  user: 'uploads of this application from this address, in an hour',
  post: 'all uploads from this address, in an hour',
  gate: 'shut while the host refuses everything',
};

/** What the name of a limit means, in words; undefined for one that somebody else has named. */
export function budgetWords(name: string): string | undefined {
  const [, kind = '', ...whom] = name.split(':');
  return whom.length > 0 && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
}
