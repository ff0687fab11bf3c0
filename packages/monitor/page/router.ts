/** Where one is: what the part of the address after `#` says. */
export interface Route {
  readonly page: PageName;
  /** Of a worker or a job. */
  readonly id: string;
  readonly query: URLSearchParams;
}

export type PageName = 'overview' | 'workers' | 'worker' | 'jobs' | 'job' | 'queue' | 'settings' | 'unknown';

const LISTS: Readonly<Record<string, PageName>> = {
  '': 'overview',
  workers: 'workers',
  jobs: 'jobs',
  queue: 'queue',
  settings: 'settings',
};
const THINGS: Readonly<Record<string, PageName>> = { workers: 'worker', jobs: 'job' };

export function parseRoute(hash: string): Route {
  const [path = '', ...search] = hash.replace(/^#?\/?/, '').split('?');
  const query = new URLSearchParams(search.join('?'));
  const [first = '', second, ...more] = path.split('/');
  const id = decoded(second ?? '');
  const page = own(second === undefined || second === '' ? LISTS : THINGS, first);
  if (page === undefined || id === undefined || more.length > 0) return { page: 'unknown', id: '', query };
  return { page, id, query };
}

function own(pages: Readonly<Record<string, PageName>>, name: string): PageName | undefined {
  return Object.hasOwn(pages, name) ? pages[name] : undefined;
}

/** `undefined` when it is no text in percent-encoding. */
function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

export type Query = Readonly<Record<string, string | undefined>>;

/** The address of a page within this document; what is undefined or empty in the query is left out. */
export function address(path: readonly string[], query: Query = {}): string {
  return `#/${path.map(encodeURIComponent).join('/')}${queryText(query)}`;
}

/** `?status=failed`, or nothing. */
export function queryText(query: Query): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => (pair[1] ?? '') !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
