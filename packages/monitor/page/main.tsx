import { render } from 'preact';

function Page() {
  return (
    <main>
      <h1>imgferry monitor</h1>
    </main>
  );
}

const root = document.getElementById('page');
if (root !== null) render(<Page />, root);
