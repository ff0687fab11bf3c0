/**
 * What has the focus can go with what was done: the button that cancelled a job has nothing left to cancel. The heading
 * of the page gets the focus then, so that who has no pointer does not begin anew. Until the answer is called.
 */
export function keepFocus(): () => void {
  let focused: EventTarget | null = null;
  const note = ({ target }: FocusEvent): void => {
    focused = target;
  };
  const look = (): void => {
    if (!(focused instanceof Element) || focused.isConnected) return;
    focused = null;
    if (document.activeElement === document.body)
      document.querySelector('h1')?.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(look);
  document.addEventListener('focusin', note);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener('focusin', note);
    observer.disconnect();
  };
}
