import { say } from './said.tsx';

/** Copies a text as it is, without showing it as a link. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const copy = (): void =>
    void toClipboard(text).then((copied) =>
      say(copied ? `Copied ${what}.` : 'The browser does not let this page copy.'),
    );
  return (
    <button type="button" class="small" aria-label={`Copy ${what}`} onClick={copy}>
      Copy
    </button>
  );
}

async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return bySelection(text);
  }
}

/** Over plain HTTP there is no clipboard; what is selected can be copied all the same. */
function bySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  const before = document.activeElement;
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}
