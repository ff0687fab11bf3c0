import { type ContestantOptions, type ContestRun, contest } from './contestant.ts';
import { startPictureServers } from './picture-servers.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';
import { whileOpen } from './while-open.ts';

const pictureBytes = 50_000;
const slots = 32;
const extents = {
  whole: { warmUp: 6_000, runs: 5, pictures: 5_000 },
  quick: { warmUp: 1_000, runs: 1, pictures: 1_500 },
};
const everySecond = ['--appendonly', 'yes', '--appendfsync', 'everysec'];

/** What it costs that Redis writes everything to a file that is on the disk within a second, ours beside BullMQ. */
export async function measureAppendOnlyFile({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  return whileOpen(async (open) => {
    const servers = open(await startPictureServers(pictureBytes));
    const ours: Pick<ContestantOptions, 'file' | 'args'> = {
      file: 'steady-uploader',
      args: (redis) => [JSON.stringify({ source: servers.url, slots, redis })],
    };
    const bull: Pick<ContestantOptions, 'file' | 'args'> = {
      file: 'bullmq',
      args: (redis) => [servers.url, String(slots), redis],
    };
    const [plain = [], written = [], bullPlain = [], bullWritten = []] = await contest(
      servers,
      [
        { name: 'imgferry', ...ours },
        { name: 'imgferry, append-only file', ...ours, redis: everySecond },
        { name: 'BullMQ', ...bull },
        { name: 'BullMQ, append-only file', ...bull, redis: everySecond },
      ],
      extents[quick ? 'quick' : 'whole'],
      (text) => sayProgress(`append-only-file, ${text}`),
    );
    const row = (figure: keyof ContestRun, what: string): Row => ({
      what: `append-only file, synced every second: ${what} ÷ that without`,
      unit: '',
      ours: ratios(written, plain, figure),
      peerName: 'BullMQ + undici',
      peer: ratios(bullWritten, bullPlain, figure),
    });
    return [
      { ...row('perSecond', 'throughput'), aim: { of: 'ours', least: 0.9 } },
      row('redisSeconds', 'CPU of Redis'),
      {
        what: 'append-only file, synced every second: of a core, the servers',
        unit: '',
        ours: written.map(({ serverShare }) => serverShare),
        peerName: 'BullMQ + undici',
        peer: bullWritten.map(({ serverShare }) => serverShare),
      },
    ];
  });
}

/** Each run by the one beside it. */
function ratios(
  runs: readonly ContestRun[],
  beside: readonly ContestRun[],
  figure: keyof ContestRun,
): number[] {
  return runs.map((run, at) => run[figure] / (beside[at]?.[figure] ?? Number.NaN));
}
