import type { Uploader } from '@imgferry/core';
import { createMonitor, type Monitor } from '@imgferry/monitor';
import { logger, passwords, sessionOf } from './application.ts';

export function monitors(uploader: Uploader): Record<string, Monitor> {
  // #region users
  const withUsers = createMonitor(uploader, {
    access: {
      users: [
        { user: 'ann', password: passwords.ann, role: 'write' },
        { user: 'prometheus', password: passwords.prometheus, role: 'read' },
      ],
    },
    logger,
  });
  // #endregion users
  // #region authorize
  const withYourLogin = createMonitor(uploader, {
    basePath: '/ops',
    access: {
      authorize: async (request) => {
        const session = await sessionOf(request);
        if (session === undefined) return Response.redirect('https://app.example/login');
        return { role: session.isOperator ? 'write' : 'read', user: session.name };
      },
    },
    logger,
  });
  // #endregion authorize
  // #region anonymous
  const forEveryone = createMonitor(uploader, {
    access: { anonymous: 'read', hostNames: ['monitor.example'] },
  });
  // #endregion anonymous
  return { withUsers, withYourLogin, forEveryone };
}
