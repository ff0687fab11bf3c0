import { silentLogger } from '@imgferry/core';

// What the snippets take from the application that they stand in.

export const logger = silentLogger;
export const passwords = { ann: 'correct horse', prometheus: 'battery staple' };

export async function sessionOf({ headers }: Request): Promise<{ readonly isOperator: boolean } | undefined> {
  const cookie = headers.get('cookie');
  return cookie === null ? undefined : { isOperator: cookie === 'operator' };
}
