import { visibleText, webAddress } from '../visible-text.ts';

/** A link to another site, when its address is one of the web; otherwise just its text. */
export function WebLink({ address }: { readonly address: string }) {
  const href = webAddress(address);
  const text = <bdi dir="ltr">{visibleText(address)}</bdi>;
  if (href === undefined) return <span class="address">{text}</span>;
  return (
    <a class="address" href={href} target="_blank" rel="noopener noreferrer">
      {text}
      <span class="unseen"> (opens another site)</span>
    </a>
  );
}
