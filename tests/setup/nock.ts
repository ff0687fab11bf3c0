// For files named *.nock.test.ts. Abort and timeout tests belong on a loopback server instead: nock's delayed
// bodies do not survive an abort.
import nock from 'nock';
import { afterAll, afterEach, beforeAll } from 'vitest';

const LOOPBACK = /^(127\.0\.0\.1|\[::1\]|localhost)(:|$)/;
const unmatched: string[] = [];

// A request to a mocked host that fits no mock is answered with 501, which a client that retries would hide.
const onNoMatch = (request: unknown): void => {
  unmatched.push(describe(request));
};

beforeAll(() => {
  if (!nock.isActive()) nock.activate();
  nock.disableNetConnect();
  nock.enableNetConnect(LOOPBACK);
  nock.emitter.on('no match', onNoMatch);
});

afterEach(() => {
  const unused = nock.pendingMocks();
  const missed = unmatched.splice(0);
  nock.cleanAll();
  if (missed.length > 0) throw new Error(`no mock fits: ${missed.join(', ')}`);
  if (unused.length > 0) throw new Error(`mocks never used: ${unused.join(', ')}`);
});

afterAll(() => {
  nock.emitter.off('no match', onNoMatch);
  nock.enableNetConnect();
  nock.restore();
});

function describe(request: unknown): string {
  const { method, url } = request as { method?: string; url?: string };
  return `${method ?? 'request'} ${url ?? ''}`.trim();
}
