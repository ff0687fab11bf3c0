import { render } from 'preact';

import { App } from './app.tsx';
import { Caught } from './components/caught.tsx';
import { theme, wear } from './theme.ts';

wear(theme());
const place = document.getElementById('page');
if (place !== null)
  render(
    <Caught>
      <App />
    </Caught>,
    place,
  );
