import { setTimeout as sleep } from 'node:timers/promises';

import { StoreUnavailableError } from '@imgferry/core';
import type { AcceptedJob, Clientele } from './clients.ts';

/** Cancels, retries, pauses and resumes jobs that were accepted, until the signal aborts. Leaves nothing paused. */
export async function changeMinds(
  { world, diary, random }: Clientele,
  accepted: readonly AcceptedJob[],
  signal: AbortSignal,
): Promise<void> {
  const resumes: Promise<void>[] = [];
  while (!signal.aborted) {
    await sleep(random.whole(200, 1_500), undefined, { signal }).catch(() => {});
    const { jobId } = accepted.at(-random.whole(1, 60)) ?? {};
    const draw = random.next();
    if (jobId === undefined || signal.aborted) continue;
    try {
      if (draw < 0.3) await cancel(jobId);
      else if (draw < 0.65) await retry(jobId);
      else if (await world.store.pause({ jobId })) {
        diary.count('job paused', { jobId });
        resumes.push(resumeLater(jobId, random.whole(300, 3_000)));
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }
  await Promise.all(resumes);

  async function cancel(jobId: string): Promise<void> {
    const url = `${world.apiUrl}/v1/images/upload/${jobId}`;
    const answer = await fetch(url, { method: 'DELETE', signal: AbortSignal.timeout(10_000) }).catch(
      () => undefined,
    );
    await answer?.text();
    diary.count(`cancel answered ${answer?.status ?? 'nothing'}`, { jobId });
    if (answer !== undefined && ![200, 503].includes(answer.status))
      diary.violation(`the cancel of job ${jobId} was answered ${answer.status}`);
  }

  async function retry(jobId: string): Promise<void> {
    if ((await world.store.retry(jobId))?.status === 'retried') diary.count('job retried', { jobId });
  }

  async function resumeLater(jobId: string, afterMs: number): Promise<void> {
    for (let waitMs = afterMs; ; waitMs = 500) {
      await sleep(waitMs);
      try {
        await world.store.resume({ jobId });
        return diary.count('job resumed', { jobId });
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
      }
    }
  }
}
