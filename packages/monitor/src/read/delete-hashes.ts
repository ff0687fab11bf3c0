import { type Order, record } from '../call.ts';
import type { DeleteHashesView } from '../views/index.ts';
import { noSuchJob } from './jobs.ts';

/** What is needed to delete a job's images at the host: for those who may steer, on its own and never in a list. */
export async function readDeleteHashes(order: Order): Promise<DeleteHashesView> {
  const { uploader, shown, name } = order;
  if ((await uploader.job(name)) === undefined) throw noSuchJob();
  const hashes = await uploader.deleteHashes(name);
  record(order, 'read deletehashes', { jobId: name });
  return {
    deleteHashes: hashes.map(({ index, link, deleteHash }) => ({
      index,
      link: shown.link(link),
      deleteHash,
    })),
  };
}
