import { useEffect, useState } from 'preact/hooks';

import { Banners } from './components/banners.tsx';
import { Caught } from './components/caught.tsx';
import { Header } from './components/header.tsx';
import { Help } from './components/help.tsx';
import { Said } from './components/said.tsx';
import { Title } from './components/title.tsx';
import { keepFocus } from './keep-focus.ts';
import { JobPage } from './pages/job.tsx';
import { JobsPage } from './pages/jobs.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { QueuePage } from './pages/queue.tsx';
import { SettingsPage } from './pages/settings.tsx';
import { WorkerPage } from './pages/worker.tsx';
import { WorkersPage } from './pages/workers.tsx';
import type { Route } from './router.ts';
import { listenForShortcuts } from './shortcuts.ts';
import { useConnection } from './use-live.ts';
import { useRoute } from './use-route.ts';

/** What is around every page, and the page. */
export function App() {
  const route = useRoute();
  const { state } = useConnection();
  const isOld = state !== 'live' && state !== 'connecting';
  const [helpShown, showHelp] = useState(false);
  useEffect(() => listenForShortcuts(() => showHelp(true)), []);
  useEffect(keepFocus, []);
  return (
    <>
      <Header page={route.page} onHelp={() => showHelp(true)} />
      <Banners />
      <main id="main" tabIndex={-1} class={isOld ? 'stale' : ''}>
        <Caught key={`${route.page}/${route.id}`}>
          <Page route={route} />
        </Caught>
      </main>
      <Said />
      {helpShown && <Help onClose={() => showHelp(false)} />}
    </>
  );
}

function Page({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'overview':
      return <OverviewPage />;
    case 'workers':
      return <WorkersPage route={route} />;
    case 'worker':
      return <WorkerPage key={route.id} id={route.id} />;
    case 'jobs':
      return <JobsPage route={route} />;
    case 'job':
      return <JobPage key={route.id} route={route} />;
    case 'queue':
      return <QueuePage />;
    case 'settings':
      return <SettingsPage />;
    case 'unknown':
      return <Nowhere />;
  }
}

function Nowhere() {
  return (
    <>
      <Title name="No such page" />
      <p class="empty">
        This address leads nowhere. <a href="#/">To the overview</a>
      </p>
    </>
  );
}
