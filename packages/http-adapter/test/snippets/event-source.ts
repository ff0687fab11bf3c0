/** What a page has. */
declare class EventSource {
  static readonly CLOSED: 2;
  readonly readyState: number;
  onerror: (() => void) | null;
  constructor(url: string);
  addEventListener(name: string, listener: (event: { readonly data: string }) => void): void;
  close(): void;
}

export function showHowFar(jobId: string, bar: { max: number; value: number; title: string }): EventSource {
  // #region event-source
  const events = new EventSource(`/images/v1/images/upload/${jobId}/events`);
  for (const name of ['snapshot', 'gap', 'job:retried', 'job:finished'])
    events.addEventListener(name, ({ data }) => {
      const { job } = JSON.parse(data);
      bar.max = job.total;
      bar.value = job.complete + job.failed;
    });
  for (const name of ['upload:completed', 'upload:failed'])
    events.addEventListener(name, () => {
      bar.value += 1;
    });
  events.addEventListener('job:finished', () => events.close());
  events.onerror = () => {
    // Cut off, it comes back by itself. Closed before the end, it was refused.
    if (events.readyState === EventSource.CLOSED && bar.value < bar.max) bar.title = 'reload the page';
  };
  // #endregion event-source
  return events;
}

export function whatPauses(events: Pick<EventSource, 'addEventListener'>): Set<string> {
  // #region paused
  const pausedBy = new Set<string>();
  for (const name of ['snapshot', 'gap', 'job:paused', 'job:resumed', 'job:retried', 'job:finished'])
    events.addEventListener(name, ({ data }) => {
      pausedBy.clear();
      for (const each of JSON.parse(data).job.pausedBy) pausedBy.add(each);
    });
  events.addEventListener('queue:paused', () => pausedBy.add('queue'));
  events.addEventListener('queue:resumed', () => pausedBy.delete('queue'));
  events.addEventListener('host:resumed', () => pausedBy.delete('host'));
  events.addEventListener('host:paused', ({ data }) => {
    if (JSON.parse(data).reason === 'operator') pausedBy.add('host');
  });
  // #endregion paused
  return pausedBy;
}
