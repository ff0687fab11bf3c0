/** What a page has. */
declare class EventSource {
  constructor(url: string);
  addEventListener(name: string, listener: (event: { readonly data: string }) => void): void;
  close(): void;
}

export function showHowFar(jobId: string, bar: { max: number; value: number }): EventSource {
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
  // #endregion event-source
  return events;
}
