import { describe, expect, test, vi } from 'vitest';

import { createAddressList } from '../../src/http-source/addresses/address-list.ts';
import { createAddressRule } from '../../src/http-source/addresses/address-rule.ts';
import { canonicalHost, readSourceUrl, type UrlRule } from '../../src/http-source/source-url.ts';
import { TransferError } from '../../src/transfer-error.ts';

const ruleOf = (allow: string[] = [], denyHosts: string[] = []): UrlRule => ({
  addresses: createAddressRule({
    allow: createAddressList('allow', allow),
    deny: createAddressList('denyHosts', []),
    ports: new Set([80, 443]),
  }),
  denyHosts: new Set(denyHosts),
});

function codeOf(url: string, rule: UrlRule = ruleOf()): string {
  try {
    return readSourceUrl(url, rule).href;
  } catch (error) {
    if (error instanceof TransferError) return error.code;
    throw error;
  }
}

const inside = [
  'http://127.0.0.1/',
  'http://127.9.9.9/',
  'http://127.0.0.1./',
  'http://0.0.0.0/',
  'http://0/',
  'http://[::]/',
  'http://[::1]/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://127.1/',
  'http://0x7f.1/',
  'http://①②⑦.⓪.⓪.①/',
  'http://127。0。0。1/',
  'http:127.0.0.1',
  'http:\\\\127.0.0.1\\',
  'http://0300.0250.1/',
  'http://169.254.43518/',
  'http://0xA9FEA9FE/',
  'http://169.254.169.254/latest/meta-data',
  'http://100.100.100.200/',
  'http://[fd00:ec2::254]/',
  'http://168.63.129.16/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::7f00:1]/',
  'http://[::127.0.0.1]/',
  'http://[::ffff:0:7f00:1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[64:ff9b:1::a00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001:0:7f00:1::]/',
  'http://10.1.2.3/',
  'http://192.168.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://[fe80::1]/',
  'http://[4000::1]/',
  'http://localhost/',
  'http://LOCALHOST/',
  'http://localhost./',
  'http://a.localhost/',
  'http://printer.local/',
  'http://metadata.google.internal/',
  'http://nas.home.arpa/',
  'http://127.0.0.1#@example.com/',
  'http://127.0.0.1\\@example.com/',
  'http://exam\tple.local/',
];

describe('the URL of a source', () => {
  test.each(inside)('does not lead inside: %s', (url) => expect(codeOf(url)).toBe('blocked_address'));

  test.each([
    'http://example.com/',
    'https://example.com/',
    'http://my_pictures.example.com/',
    'http://8.8.8.8/',
    'http://[2606:4700:4700::1111]/',
    'http://xn--bcher-kva.example/',
    'https://example.com:443/',
    'http://example.com:443/',
    'http://notlocalhost.example/',
    'http://localhost.example/',
    'http://internal.example/',
  ])('may lead to the public web: %s', (url) => expect(codeOf(url)).toMatch(/^https?:/));

  test.each([
    'http://com/',
    'http://minio/',
    'http://a..b/',
    'http://.example.com/',
    'http://./',
    'http://example.com../',
    `http://${'a'.repeat(64)}.example/`,
    `http://${'abcdefg.'.repeat(32)}example/`,
    'http://',
    'not a url',
    '',
    '//example.com/a.png',
  ])('has a host that can exist: %s', (url) => expect(codeOf(url)).toBe('invalid_host'));

  test.each([
    'ftp://example.com/a.png',
    'file:///etc/passwd',
    'data:image/png;base64,AA==',
    'gopher://example.com/',
    'javascript:alert(1)',
    'unix:/run/docker.sock',
  ])('is http or https: %s', (url) => expect(codeOf(url)).toBe('blocked_address'));

  test.each([
    'http://user@example.com/',
    'http://user:pw@example.com/',
    'https://:pw@example.com/',
    'http://good@127.0.0.1/',
  ])('holds no credentials: %s', (url) => expect(codeOf(url)).toBe('blocked_address'));

  test.each([0, 1, 22, 25, 6379, 8080, 65535])('leads to an open port, not to %i', (port) =>
    expect(codeOf(`http://example.com:${port}/`)).toBe('blocked_address'),
  );

  test('is not parsed when its host is longer than any', () => {
    const parse = vi.spyOn(URL, 'parse');
    expect(codeOf(`http://a${'\u0300'.repeat(4_050)}${'\u0316'.repeat(4_050)}/`)).toBe('invalid_host');
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  test.each(['#c', '#', ''])('loses its fragment and the dot after its name: %s', (fragment) =>
    expect(codeOf(`http://Example.COM./a.png?b=%0d%0a${fragment}`)).toBe('http://example.com/a.png?b=%0d%0a'),
  );

  test.each([
    'http://own.example/',
    'http://OWN.example./',
    'https://own.example/x',
    'http://9.9.9.9/',
    'http://0x09090909/',
  ])('does not lead to a denied host: %s', (url) =>
    expect(codeOf(url, ruleOf([], ['own.example', '9.9.9.9']))).toBe('blocked_address'),
  );

  test('may lead to an allowed address on any port but 0', () => {
    const rule = ruleOf(['10.0.0.0/8', '::1']);
    expect(codeOf('http://10.1.2.3:6379/', rule)).toBe('http://10.1.2.3:6379/');
    expect(codeOf('http://[::1]:1/', rule)).toBe('http://[::1]:1/');
    expect(codeOf('http://10.1.2.3:0/', rule)).toBe('blocked_address');
    expect(codeOf('http://11.1.2.3:6379/', rule)).toBe('blocked_address');
    expect(codeOf('http://127.0.0.1/', rule)).toBe('blocked_address');
  });

  test('may have a name of the inside where inside addresses are allowed, which then decide', () => {
    const rule = ruleOf(['10.0.0.0/8']);
    expect(codeOf('http://minio:9000/a.png', rule)).toBe('http://minio:9000/a.png');
    expect(codeOf('http://files.internal/', rule)).toBe('http://files.internal/');
    expect(codeOf('http://localhost/', rule)).toBe('blocked_address');
  });

  test('is named in no message, and neither is its address', () => {
    expect.assertions(1);
    try {
      readSourceUrl('http://10.9.8.7/secret?token=abc', ruleOf());
    } catch (error) {
      expect((error as Error).message).toBe('the URL leads to an address that is not on the public web');
    }
  });
});

describe('a denied host', () => {
  test.each([
    ['Own.Example', 'own.example'],
    ['own.example.', 'own.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['9.9.9.9', '9.9.9.9'],
    ['::1', '[::1]'],
    ['[::1]', '[::1]'],
  ])('%s is read as %s', (host, canonical) => expect(canonicalHost(host)).toBe(canonical));

  test.each([
    '',
    'own.example:8080',
    'http://own.example',
    'own.example/path',
    'a b',
    'user@own.example',
    '*.example',
  ])('%j is none', (host) => expect(canonicalHost(host)).toBeUndefined());
});
