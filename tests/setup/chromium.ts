import { spawnSync } from 'node:child_process';

const NO_CHROMIUM =
  'there is no Chromium for the tests: set CHROMIUM_BIN to one, or put chromium-headless-shell, chromium or google-chrome into PATH (apt-get install chromium-headless-shell, brew install --cask google-chrome)';

const ON_MACOS = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** How the tests start it: without its own errands on the network, and as root. */
export const chromiumArguments: readonly string[] = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-gpu',
  // It keeps no process ready for a page that may come next.
  '--renderer-process-limit=1',
];

/**
 * The browser that CHROMIUM_BIN names or that PATH has; on Debian one that is installed if need be. The one without windows
 * comes first: it has the same engine and takes less than half of the CPU time.
 */
export function chromiumBinary(): string {
  const names = [
    process.env.CHROMIUM_BIN ?? '',
    'chromium-headless-shell',
    'chrome-headless-shell',
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    ON_MACOS,
  ];
  const find = (): string | undefined => {
    for (const name of names) if (name !== '' && runs(name, '--version')) return pathOf(name);
    return undefined;
  };
  const found = find();
  if (found !== undefined) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && runs('apt-get', '--version')) {
    process.stderr.write('the tests need a browser; installing one with apt-get\n');
    const install =
      'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fonts-dejavu-core';
    const browser = `${install} chromium-headless-shell || ${install} chromium`;
    spawnSync('sh', ['-c', `apt-get update -qq && { ${browser}; }`], { stdio: ['ignore', 2, 2] });
  }
  const installed = find();
  if (installed === undefined) throw new Error(NO_CHROMIUM);
  return installed;
}

/** What starts a browser wants a path. */
function pathOf(name: string): string {
  if (name.includes('/')) return name;
  return spawnSync('sh', ['-c', 'command -v "$0"', name]).stdout.toString().trim();
}

function runs(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;
}
