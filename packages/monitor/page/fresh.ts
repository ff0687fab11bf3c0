/**
 * Loads the page anew when the server has another script for it than this one. Once for each script: behind a balancer
 * two servers may have two, and a page that is between them would never stay.
 */
export function reloadFor(script: string): void {
  const own = new URL(import.meta.url).pathname.split('/').at(-1);
  if (script === own || !isFirstTime(`imgferry-monitor-reloaded-${script}`)) return;
  location.reload();
}

/** Never, where a browser keeps nothing: better an old page than one that is loaded again and again. */
function isFirstTime(key: string): boolean {
  try {
    if (sessionStorage.getItem(key) !== null) return false;
    sessionStorage.setItem(key, 'yes');
    return true;
  } catch {
    return false;
  }
}
