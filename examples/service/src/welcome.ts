import type { StandInLimits } from './config.ts';

/** What is worth knowing when the service has started. */
export interface WelcomeFacts {
  readonly url: string;
  /** `undefined`: it is not shown here. */
  readonly monitorUrl: string | undefined;
  readonly store: 'memory' | 'Redis';
  /** Whether this process works on the jobs, too. */
  readonly works: boolean;
  readonly target: Target;
  /** Pictures that can be fetched from here. */
  readonly tryOut: TryOut | undefined;
}

/** The little web of pictures to try the service on. */
export interface TryOut {
  /** Answers with what submits all of them. */
  readonly indexUrl: string;
  /** The first of them. */
  readonly pictureUrl: string;
  readonly pictures: number;
}

/** What images go to: a stand-in that this process has started, one that it was told of, or Imgur. */
export interface Target {
  readonly ownStandIn: OwnStandIn | undefined;
  readonly standInUrl: string | undefined;
}

/** A stand-in that goes with the process. */
export interface OwnStandIn {
  readonly url: string;
  readonly limits: StandInLimits;
}

/** What a person reads who has just started the service: where it is, what it talks to, what to try. */
export function welcome(facts: WelcomeFacts): string {
  const { url, monitorUrl, store, works, target, tryOut } = facts;
  const body = JSON.stringify({ urls: [tryOut?.pictureUrl ?? 'https://example.com/put-a-picture-here.jpg'] });
  const workers = works ? '' : ' Workers are processes of their own.';
  const watch = monitorUrl === undefined ? '' : `Watch it in a browser: ${monitorUrl}\n\n`;
  const ending = works ? 'Ctrl-C stops it; uploads that run are finished first.' : 'Ctrl-C stops it.';
  return `
imgferry listens on ${url}. Jobs are kept in ${store}.${workers}
${described(target)}

Submit a picture, then ask for the links:
  curl ${url}/v1/images/upload -H 'content-type: application/json' -d '${body}'
  curl ${url}/v1/images

${tryOut === undefined ? '' : more(url, tryOut)}${watch}${ending}

`;
}

function more(url: string, { indexUrl, pictures }: TryOut): string {
  return `All ${pictures} pictures of this machine, which ${indexUrl} lists:
  curl -s ${indexUrl} | curl ${url}/v1/images/upload -H 'content-type: application/json' -d @-
They answer with a query too, and with another one each is another URL: cat.jpg?2.

`;
}

function described({ ownStandIn, standInUrl }: Target): string {
  if (ownStandIn !== undefined)
    return `No credentials are set: images go to a stand-in for Imgur
on ${ownStandIn.url}. Nothing leaves this machine.
${limited(ownStandIn)}`;
  if (standInUrl !== undefined) return `No credentials are set: images go to the stand-in on ${standInUrl}.`;
  return 'Images go to Imgur with the credentials given.';
}

function limited({ limits }: OwnStandIn): string {
  if (limits === 'none') return 'It takes as many images as come.';
  return `It limits as Imgur does: after 50 images the rest wait for the next hour.
With STAND_IN_LIMITS=none in the environment it takes as many as come.`;
}
