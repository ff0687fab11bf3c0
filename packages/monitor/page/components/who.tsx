import { useEffect, useState } from 'preact/hooks';

import type { Session } from '../../src/views/index.ts';
import { readOnce } from '../actions.ts';
import { useConnection, useMayWrite } from '../use-live.ts';
import { visibleText } from '../visible-text.ts';

/** Who looks, and whether they may only look. */
export function Who() {
  const [session, setSession] = useState<Session | undefined>();
  const { state } = useConnection();
  const mayWrite = useMayWrite();
  useEffect(() => {
    void readOnce<Session>('session').then((result) => result.status === 'done' && setSession(result.value));
  }, []);
  const user = session?.user ?? null;
  const readOnly = state === 'live' && !mayWrite;
  if (user === null && !readOnly) return null;
  return (
    <span class="who quiet">
      {user !== null && <bdi>{visibleText(user)}</bdi>}
      {readOnly && <span class="tag">read only</span>}
    </span>
  );
}
