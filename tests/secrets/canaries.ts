/**
 * What must not get out, each so long and odd that it is found by nothing but itself. Of those that go into headers some
 * have digits and some have none, so that none is found by those alone.
 */
export const canaries = {
  clientId: 'canary-application-546c25a59c58ad7',
  clientSecret: 'canary-client-secret-qkzv',
  accessToken: 'canary-access-token-wxyv',
  refreshToken: 'canary-refresh-token-88bb',
  rapidApiKey: 'canary-rapidapi-key-vwjx',
  monitorPassword: 'canary-monitor-password-91fe',
  redisPassword: 'canary redis/password+7e2a=',
  signature: 'canarysignature0f3e5d',
  sasSignature: 'canary+sas/signature=',
  fragment: 'canary-fragment-token-31b7',
  deleteHash: 'cAnArYdElEtEhAs',
  albumHash: 'cAnArYaLbUmHaSh',
} as const;

export type Canary = keyof typeof canaries;
export const canaryNames = Object.keys(canaries) as readonly Canary[];

/** A canary in every form in which it may get out: base64 also of what stands before and after it. */
export function spellingsOf(canary: Canary): readonly string[] {
  const value = canaries[canary];
  const base64 = ['', 'x', 'xx', ':', 'Bearer ', 'Client-ID '].map((before) => coreOf(before, value));
  const hex = Buffer.from(value).toString('hex');
  return [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), hex, ...base64];
}

/** Whether a canary is in a text, whatever the case. */
export function isIn(text: string, canary: Canary): boolean {
  const folded = text.replaceAll('-', '+').replaceAll('_', '/').toLowerCase();
  return spellingsOf(canary).some((spelling) =>
    folded.includes(spelling.replaceAll('-', '+').replaceAll('_', '/').toLowerCase()),
  );
}

/** The characters of a base64 text that say nothing but the value. */
function coreOf(before: string, value: string): string {
  const first = Math.ceil(before.length / 3) * 4;
  const last = Math.floor((before.length + value.length) / 3) * 4;
  return Buffer.from(before + value)
    .toString('base64')
    .slice(first, last);
}
