import { describe, expect, it, vi } from 'vitest';

import { checkUrls } from '../src/check-urls.ts';
import { InvalidUrlsError } from '../src/errors.ts';

const rules = { maxUrls: 5, maxUrlLength: 100 };

async function refused(urls: unknown): Promise<InvalidUrlsError> {
  const error = await checkUrls(urls, rules).catch((reason: unknown) => reason);
  if (!(error instanceof InvalidUrlsError)) throw new Error(`not refused: ${JSON.stringify(error)}`);
  return error;
}

describe('the URLs of a submit', () => {
  it('are kept as they were sent, in order, without the later of two equal strings', async () => {
    const urls = ['https://b.example/1', 'HTTP://A.example', 'https://b.example/1', 'http://a.example/'];
    expect(await checkUrls(urls, rules)).toEqual([
      'https://b.example/1',
      'HTTP://A.example',
      'http://a.example/',
    ]);
  });

  it.each([
    ['not a URL', 'is not a URL'],
    ['', 'is not a URL'],
    ['//a.example/1', 'is not a URL'],
    ['http://256.256.256.256/', 'is not a URL'],
    ['file:///etc/passwd', 'has the scheme file: and only http: and https: are fetched'],
    ['data:image/png;base64,AA==', 'has the scheme data: and only http: and https: are fetched'],
    ['javascript:alert(1)', 'has the scheme javascript: and only http: and https: are fetched'],
    ['https://user:secret@a.example/', 'contains a user name or password'],
    ['https://user@a.example/', 'contains a user name or password'],
    ['https://a.example/\r\nHost: b', 'contains a control character'],
    ['https://a.example/\u0000', 'contains a control character'],
    ['https://a.exa\tmple/', 'contains a control character'],
    ['https://a.example/\u0085', 'contains a control character'],
    [' https://a.example/', 'begins or ends with white space'],
    ['https://a.example/\ud800', 'contains half a character (a lone surrogate)'],
    [`https://a.example/${'x'.repeat(100)}`, 'is 118 characters long; at most 100 are accepted'],
    [17, 'is not a string'],
    [null, 'is not a string'],
    [['https://a.example/'], 'is not a string'],
  ])('are refused with the place and the reason: %j', async (url, reason) => {
    const error = await refused(['https://good.example/', url]);
    expect(error.problems).toEqual([{ index: 1, reason }]);
    expect(error.message).toBe(`urls[1] ${reason}`);
  });

  it('never show a password in the refusal', async () => {
    expect((await refused(['https://user:hunter2@a.example/'])).message).not.toContain('hunter2');
  });

  it.each([[undefined], [null], ['https://a.example/'], [{}], [[]]])(
    'are a list of at least one: %j',
    async (urls) => {
      expect((await refused(urls)).message).toMatch(/urls is (not a list|empty; a job has at least one)/);
    },
  );

  it('are counted after duplicates were stripped', async () => {
    const five = [1, 2, 3, 4, 5].map((n) => `https://a.example/${n}`);
    expect(await checkUrls([...five, ...five], rules)).toEqual(five);
    expect((await refused([...five, 'https://a.example/6'])).message).toBe(
      'there are 6 URLs; at most 5 are accepted in one job',
    );
  });

  it('are refused all or nothing, with at most 100 problems told', async () => {
    const error = await refused(Array.from({ length: 250 }, () => 'nonsense'));
    expect(error.problems).toHaveLength(100);
    expect(error.message).toBe('urls[0] is not a URL, and 249 more are refused');
  });

  it('are refused before they are parsed when the host is longer than any', async () => {
    const parse = vi.spyOn(URL, 'parse');
    const slow = `http://a${'\u0300'.repeat(4_050)}${'\u0316'.repeat(4_050)}`;
    const error = await checkUrls([slow], { ...rules, maxUrlLength: 8_192 }).catch((reason) => reason);
    expect(error).toMatchObject({
      problems: [{ index: 0, reason: 'names its host in more than 1000 characters' }],
    });
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it('let the process take turns by time, however few there are in it', async () => {
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 5));
    let turns = 0;
    let immediate = setImmediate(function turn() {
      turns += 1;
      immediate = setImmediate(turn);
    });
    const urls = Array.from({ length: 50 }, (_, n) => `https://a.example/${n}`);
    await checkUrls(urls, { maxUrls: 100, maxUrlLength: 100 });
    clearImmediate(immediate);
    clock.mockRestore();
    expect(turns).toBeGreaterThanOrEqual(24);
  });
});
