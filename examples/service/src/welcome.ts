/** What is worth knowing when the service has started. */
export interface WelcomeFacts {
  readonly url: string;
  /** `undefined`: it is not shown here. */
  readonly monitorUrl: string | undefined;
  readonly store: 'memory' | 'Redis';
  /** Whether this process works on the jobs, too. */
  readonly works: boolean;
  readonly target: Target;
  /** A picture that can be fetched from here. */
  readonly pictureUrl: string | undefined;
}

/** What images go to: a stand-in that this process has started, one that it was told of, or Imgur. */
export interface Target {
  readonly ownStandInUrl: string | undefined;
  readonly standInUrl: string | undefined;
}

/** What a person reads who has just started the service: where it is, what it talks to, what to try. */
export function welcome(facts: WelcomeFacts): string {
  const { url, monitorUrl, store, works, target, pictureUrl } = facts;
  const body = JSON.stringify({ urls: [pictureUrl ?? 'https://example.com/put-a-picture-here.jpg'] });
  const workers = works ? '' : ' Workers are processes of their own.';
  const watch = monitorUrl === undefined ? '' : `Watch it in a browser: ${monitorUrl}\n\n`;
  const ending = works ? 'Ctrl-C stops it; uploads that run are finished first.' : 'Ctrl-C stops it.';
  return `
imgferry listens on ${url}. Jobs are kept in ${store}.${workers}
${described(target)}

Submit a picture, then ask for the links:
  curl ${url}/v1/images/upload -H 'content-type: application/json' -d '${body}'
  curl ${url}/v1/images

${watch}${ending}

`;
}

function described({ ownStandInUrl, standInUrl }: Target): string {
  if (ownStandInUrl !== undefined)
    return `No credentials are set: images go to a stand-in for Imgur\non ${ownStandInUrl}. Nothing leaves this machine.`;
  if (standInUrl !== undefined) return `No credentials are set: images go to the stand-in on ${standInUrl}.`;
  return 'Images go to Imgur with the credentials given.';
}
