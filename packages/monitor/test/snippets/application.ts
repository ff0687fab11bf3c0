import { silentLogger } from '@imgferry/core';

// What the snippets take from the application that they stand in.

export const logger = silentLogger;
export const passwords = { ann: 'correct horse', prometheus: 'battery staple' };

interface AppSession {
  readonly name: string;
  readonly isOperator: boolean;
}

export async function sessionOf({ headers }: Request): Promise<AppSession | undefined> {
  const cookie = headers.get('cookie');
  return cookie === null ? undefined : { name: cookie, isOperator: cookie === 'operator' };
}
