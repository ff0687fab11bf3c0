import type { Order } from '../call.ts';
import type { DeleteHashesView } from '../views/index.ts';
import { noSuchJob } from './jobs.ts';

/** What is needed to delete a job's images at the host: for those who may steer, on its own and never in a list. */
export async function readDeleteHashes({
  uploader,
  shown,
  name,
  visitor,
  logger,
}: Order): Promise<DeleteHashesView> {
  if ((await uploader.job(name)) === undefined) throw noSuchJob();
  const hashes = await uploader.deleteHashes(name);
  logger.info(
    { user: visitor.user, action: 'read deletehashes', what: { jobId: name } },
    'somebody read deletehashes',
  );
  return {
    deleteHashes: hashes.map(({ index, link, deleteHash }) => ({
      index,
      link: shown.link(link),
      deleteHash,
    })),
  };
}
