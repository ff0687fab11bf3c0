import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { makeCertificate } from '../../tests/hostile-sources/make-certificate.ts';
import { Child } from './child.ts';
import type { TlsFront } from './children/tls-front.ts';
import { type ContestRun, contest } from './contestant.ts';
import { type PictureServers, startPictureServers } from './picture-servers.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';
import { whileOpen } from './while-open.ts';

const pictureBytes = 50_000;
const slots = 32;
const extents = {
  whole: { warmUp: 5_000, runs: 5, pictures: 4_000 },
  quick: { warmUp: 1_000, runs: 1, pictures: 1_500 },
};

/** What a picture costs that goes to a host by TLS, ours beside BullMQ: the source is near and plain. */
export async function measureTlsHost({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  return whileOpen(async (open) => {
    const folder = await mkdtemp(join(tmpdir(), 'imgferry-bench-'));
    open({ close: () => rm(folder, { recursive: true }) });
    const servers = open(await startPictureServers(pictureBytes));
    const { certificate, key } = await writeCertificate(folder);
    const file = new URL('children/tls-front.ts', import.meta.url);
    const front = open(new Child<TlsFront>(file, [certificate, key, servers.url]));
    const host = await front.call('url');
    // As anybody trusts an authority of their own.
    const env = { NODE_EXTRA_CA_CERTS: certificate };
    const [ours = [], bull = []] = await contest(
      withFront(servers, front),
      [
        {
          name: 'imgferry',
          file: 'steady-uploader',
          args: (redis) => [JSON.stringify({ source: servers.url, host, slots, redis })],
          env,
        },
        {
          name: 'BullMQ + undici',
          file: 'bullmq',
          args: (redis) => [servers.url, String(slots), redis, host],
          env,
        },
      ],
      extents[quick ? 'quick' : 'whole'],
      (text) => sayProgress(`tls-host, ${text}`),
    );
    return rowsOf(ours, bull);
  });
}

/** The servers with what is in front of them: it runs on the same cores and may be the limit before they are. */
function withFront(servers: PictureServers, front: Child<TlsFront>): PictureServers {
  return {
    ...servers,
    async totals() {
      const [totals, cpuSeconds] = await Promise.all([servers.totals(), front.call('cpuSeconds')]);
      return { ...totals, cpuSeconds: totals.cpuSeconds + cpuSeconds };
    },
  };
}

async function writeCertificate(
  folder: string,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const made = makeCertificate({ names: ['127.0.0.1'] });
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  await writeFile(certificate, made.cert);
  await writeFile(key, made.key, { mode: 0o600 });
  return { certificate, key };
}

function rowsOf(ours: readonly ContestRun[], bull: readonly ContestRun[]): Row[] {
  const row = (figure: keyof ContestRun, what: string, unit: string): Row => ({
    what: `host by TLS: ${what}`,
    unit,
    ours: ours.map((run) => run[figure]),
    peerName: 'BullMQ + undici',
    peer: bull.map((run) => run[figure]),
  });
  return [
    { ...row('cpuSeconds', 'CPU', 's per 1,000'), aim: { of: 'ours', most: 0.2 } },
    row('perSecond', 'throughput', 'pictures/s'),
    row('serverSeconds', 'CPU of the servers, with the one that takes TLS off', 's per 1,000'),
    row('serverShare', 'of a core, the servers, with the one that takes TLS off', ''),
  ];
}
