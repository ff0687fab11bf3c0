import { spawnSync } from 'node:child_process';

import { afterAll, describe, expect, it } from 'vitest';

import { type ImgurStandIn, imgurReplies, startImgurStandIn } from '@imgferry/core/testing';
import { nodeArguments, type Program, startProgram } from './start-program.ts';

const programs: Program[] = [];
const standIns: ImgurStandIn[] = [];

afterAll(async () => {
  for (const { process } of programs) process.kill('SIGKILL');
  await Promise.all(programs.splice(0).map(({ ended }) => ended));
  await Promise.all(standIns.splice(0).map((standIn) => standIn.close()));
});

function started(program: Program): Program {
  programs.push(program);
  return program;
}

function startDemo(env: Readonly<Record<string, string>> = {}, ...args: string[]): Program {
  return started(startProgram(process.execPath, nodeArguments('demo.ts', ...args), env));
}

/** The demo on a terminal of 100 by 40. */
function startOnTerminal(env: Readonly<Record<string, string>> = {}): Program {
  const demo = [process.execPath, ...nodeArguments('demo.ts')].map((word) => `'${word}'`).join(' ');
  const command = `stty cols 100 rows 40; exec ${demo}`;
  return started(startProgram('script', ['-qec', command, '/dev/null'], { TERM: 'xterm', ...env }));
}

const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

/** Imgur itself as far as the demo can tell. */
async function startImgur(): Promise<{ standIn: ImgurStandIn; env: Record<string, string> }> {
  const standIn = await startImgurStandIn();
  standIns.push(standIn);
  return { standIn, env: { IMGUR_CLIENT_ID: 'an-id', IMGUR_API_URL: standIn.url, CONCURRENCY: '12' } };
}

describe.concurrent('the demo', () => {
  it('ends with 0 and shows endings, the job and the links where there is no terminal', async () => {
    const demo = startDemo();
    expect(await demo.ended).toEqual({ code: 0, signal: null });
    const text = demo.stdout();
    expect(demo.stderr()).toBe('');
    expect(text).not.toContain('\x1b');
    expect(text).toContain('No credentials are set, so the images go to a stand-in for Imgur');
    expect(text.match(/^complete {2}\S+ +\d+ kB {2}https:\/\/i\.imgur\.com\/\w+\.\w+$/gm)).toHaveLength(12);
    expect(text.match(/^failed .*(source_status|not_an_image|blocked_address)$/gm)).toHaveLength(3);

    const [job, links] = [...text.matchAll(/^GET .*\n(\{[\s\S]*?^\})$/gm)].map(([, json = '']) =>
      JSON.parse(json),
    );
    expect(job).toMatchObject({ status: 'complete', uploaded: { pending: [] } });
    expect(job.uploaded.complete).toHaveLength(12);
    expect(job.uploaded.failed).toHaveLength(3);
    expect([...links.uploaded].sort()).toEqual([...job.uploaded.complete].sort());
    expect(text).toContain('All twelve pictures are at the host, byte for byte');
  });

  it.skipIf(!hasScript)('draws bars that move on a terminal, and gives the cursor back', async () => {
    const demo = startOnTerminal();
    expect(await demo.ended).toEqual({ code: 0, signal: null });
    const text = demo.stdout();
    const shares = new Set([...text.matchAll(/coffee\.png .*?(\d+) %/g)].map(([, share]) => share));
    expect(shares.size).toBeGreaterThan(3);
    expect(text).toContain(`\x1b[32m${'━'.repeat(28)}\x1b[0m`);
    expect(text).toContain('15 of 15 done: 12 complete, 3 failed');
    expect(text.lastIndexOf('\x1b[?25h')).toBeGreaterThan(text.lastIndexOf('\x1b[?25l'));
  });

  it.skipIf(!hasScript)('gives the cursor back and closes everything when it is interrupted', async () => {
    const demo = startOnTerminal();
    await demo.seen(/brick-by-lamp\.png .*?\d %/);
    demo.process.stdin?.write('\x03');
    expect(await demo.ended).toEqual({ code: 130, signal: null });
    const text = demo.stdout();
    expect(text.lastIndexOf('\x1b[?25h')).toBeGreaterThan(text.lastIndexOf('\x1b[?25l'));
    expect(text).toContain('The demo ended early: it was interrupted');
  });

  it('goes to Imgur with credentials, and leaves the images there', async () => {
    const { standIn, env } = await startImgur();
    const demo = startDemo(env);
    expect(await demo.ended).toEqual({ code: 0, signal: null });
    expect(demo.stdout()).toContain('twelve public images will be created there');
    expect(standIn.images.filter(({ deleted }) => !deleted)).toHaveLength(12);
    for (const { deleteHash } of standIn.images)
      expect(demo.stdout() + demo.stderr()).not.toContain(deleteHash);
  });

  it('deletes there what it uploaded when it is asked to', async () => {
    const { standIn, env } = await startImgur();
    const demo = startDemo(env, '--cleanup');
    expect(await demo.ended).toEqual({ code: 0, signal: null });
    expect(demo.stdout()).toContain('The 12 images were deleted at Imgur.');
    expect(standIn.images.map(({ deleted }) => deleted)).toEqual(Array(12).fill(true));
  });

  it('ends with 1 and says what differed when a picture is not taken', async () => {
    const { standIn, env } = await startImgur();
    standIn.next(imgurReplies.fileTypeInvalid());
    const demo = startDemo(env);
    expect(await demo.ended).toEqual({ code: 1, signal: null });
    expect(demo.stdout()).toMatch(
      /Not as it should be:\n {2}\S+\.(jpg|png|gif|tiff) is failed with \w+; it should be complete\.\n/,
    );
  });
});
