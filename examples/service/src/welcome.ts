/** What is worth knowing when the service has started. */
export interface WelcomeFacts {
  readonly url: string;
  readonly standInUrl: string | undefined;
  /** A picture that can be fetched from here. */
  readonly pictureUrl: string | undefined;
}

/** What a person reads who has just started the service: where it is, what it talks to, what to try. */
export function welcome({ url, standInUrl, pictureUrl }: WelcomeFacts): string {
  const target =
    standInUrl === undefined
      ? 'Images go to Imgur with the credentials given.'
      : `No credentials are set: images go to a stand-in for Imgur\non ${standInUrl}. Nothing leaves this machine.`;
  const body = JSON.stringify({ urls: [pictureUrl ?? 'https://example.com/put-a-picture-here.jpg'] });
  return `
imgferry listens on ${url}. Jobs are kept in memory.
${target}

Submit a picture, then ask for the links:
  curl ${url}/v1/images/upload -H 'content-type: application/json' -d '${body}'
  curl ${url}/v1/images

Ctrl-C stops it; uploads that run are finished first.

`;
}
