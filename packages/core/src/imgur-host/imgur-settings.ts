import type { Settings } from '../settings.ts';
import { imgurUrl, type ResolvedImgurOptions, rapidApiUrl } from './imgur-host-options.ts';

/** What people want to know of a host that is Imgur: no id, no name of an account, no address of a stand-in. */
export function imgurSettings(options: ResolvedImgurOptions): Settings {
  const { api, connections, connectTimeoutMs, headersTimeoutMs, idleTimeoutMs } = options;
  const isImgurs = [imgurUrl, rapidApiUrl].includes(api.origin);
  return Object.freeze({
    apiUrl: isImgurs ? api.origin : 'custom',
    route: options.rapidApiKey === undefined ? 'imgur' : 'rapidapi',
    account: options.tokens !== undefined,
    connections,
    connectTimeoutMs,
    headersTimeoutMs,
    idleTimeoutMs,
    maxImageBytes: Math.max(...Object.values(options.limits.maxBytes)),
  });
}
