import { depth, navigate } from '../use-route.ts';

/** Through a long list: forward by the cursor of what follows, back by the history of the browser. */
export function Pager({
  what,
  next,
  first,
  atFirst,
}: {
  /** What is paged: `jobs`. */
  readonly what: string;
  /** The address of the next page. */
  readonly next: string | undefined;
  /** That of the first one. */
  readonly first: string;
  readonly atFirst: boolean;
}) {
  if (atFirst && next === undefined) return null;
  const here = depth();
  return (
    <nav class="pager" aria-label={`Pages of ${what}`}>
      {!atFirst && <a href={first}>First page</a>}
      {!atFirst && here > 0 && (
        <button type="button" onClick={() => history.back()}>
          Back
        </button>
      )}
      {!atFirst && here > 0 && <span class="quiet">Page {here + 1}</span>}
      {next === undefined ? (
        <span class="quiet">The end</span>
      ) : (
        <button
          type="button"
          onClick={(event) => {
            navigate(next, here + 1);
            event.currentTarget.closest('section, main')?.scrollIntoView();
          }}
        >
          Next
        </button>
      )}
    </nav>
  );
}
