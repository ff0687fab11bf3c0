import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { build, stop } from 'esbuild';

import { icon } from './icon.ts';

/**
 * The page, made from its sources: in the workspace on import, in a build once for all (`write-bundle.ts`). Everything in it
 * is a string, so that an application that bundles this package has no file to take along.
 */

/** So that whoever reads the script finds whose it is: minifying takes that away. */
const NOTICE =
  '/*! With preact, © Jason Miller, and uPlot, © Leon Sorokin, both under the MIT License: see THIRD-PARTY-LICENSES of @imgferry/monitor */';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const { outputFiles, metafile } = await build({
  entryPoints: { script: path('main.tsx'), style: path('styles/page.css') },
  outdir: path('.'),
  write: false,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  tsconfigRaw: {},
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  banner: { js: NOTICE },
  logLevel: 'silent',
  metafile: true,
});
await stop();

const textOf = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';

/** By its content, so that it can be kept for ever. */
const named = (text: string, ending: string): string =>
  `page-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.${ending}`;

/** Served as `scriptName` beside the page, as `text/javascript`. That name is also the version of the page: a stream begins with it. */
export const script: string = textOf('script.js');
/** Served as `styleName`, as `text/css`. */
export const style: string = textOf('style.css');
/** Served as `iconName`, as `image/svg+xml`. */
export { icon };

export const scriptName: string = named(script, 'js');
export const styleName: string = named(style, 'css');
export const iconName: string = named(icon, 'svg');

/** The folders of packages that are in it. */
const packages = Object.keys(metafile.inputs).flatMap(
  (input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [],
);

/**
 * The licences of the packages that are in it, whose copyright and permission go with every copy. It is no part of the
 * page: a build puts it beside it.
 */
export const licences: string = [...new Set(packages)].toSorted().map(licenceIn).join('\n\n');

function licenceIn(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Manifest;
  return `${name} ${version}\n\n${readFileSync(`${folder}/LICENSE`, 'utf8').trim()}\n`;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
}

/** The document. It names the three files beside it, and nothing else. */
export const html: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>imgferry monitor</title>
<link rel="icon" href="${iconName}" type="image/svg+xml">
<link rel="stylesheet" href="${styleName}">
<script type="module" src="${scriptName}"></script>
</head>
<body>
<div id="page"></div>
<noscript>This page needs JavaScript. The same data is below <a href="api/overview">api/overview</a>, and in <a href="metrics">metrics</a>.</noscript>
</body>
</html>
`;
