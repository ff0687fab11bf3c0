import type { Serve } from './call.ts';
import { html, icon, iconName, script, scriptName, style, styleName } from '#page';

const kept = { 'cache-control': 'private, max-age=31536000, immutable' };

/** The document of the page. */
export const servePage: Serve = async () =>
  new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } });

/** What the document names, by its path. The names change with what is in them. */
export const assets: Readonly<Record<`/${string}`, Serve>> = {
  [`/${scriptName}`]: asset('text/javascript', script),
  [`/${styleName}`]: asset('text/css', style),
  [`/${iconName}`]: asset('image/svg+xml', icon),
};

function asset(type: string, text: string): Serve {
  return async () => new Response(text, { headers: { 'content-type': `${type}; charset=utf-8`, ...kept } });
}
