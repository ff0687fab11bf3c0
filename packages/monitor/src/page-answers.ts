import type { Serve } from './call.ts';
import { Encoded } from './encoded.ts';
import { html, icon, iconName, script, scriptName, style, styleName } from '#page';

/** Their names change with what is in them. A browser that is told to reload asks all the same. */
const kept = { 'cache-control': 'private, max-age=31536000, immutable' };

/** The document of the page. */
export const servePage: Serve = async () =>
  new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } });

/** What the document names, by its path. The names change with what is in them. */
export const assets: Readonly<Record<`/${string}`, Serve>> = {
  [`/${scriptName}`]: asset('text/javascript', script, scriptName),
  [`/${styleName}`]: asset('text/css', style, styleName),
  [`/${iconName}`]: asset('image/svg+xml', icon, iconName),
};

function asset(type: string, text: string, name: string): Serve {
  const encoded = new Encoded(text);
  const etag = `W/"${name}"`;
  const headers = { ...kept, etag };
  return async ({ request }) => {
    if (request.headers.get('if-none-match')?.includes(etag))
      return new Response(null, { status: 304, headers });
    return encoded.answer(request, { ...headers, 'content-type': `${type}; charset=utf-8` });
  };
}
