import { mkdirSync, writeFileSync } from 'node:fs';

import * as bundle from './bundle.ts';

const { licences, ...page } = bundle;
const dist = new URL('../dist/', import.meta.url);
mkdirSync(dist, { recursive: true });
const lines = Object.entries(page).map(([name, text]) => `export const ${name} = ${JSON.stringify(text)};\n`);
writeFileSync(new URL('page.js', dist), lines.join(''));
writeFileSync(new URL('THIRD-PARTY-LICENSES', dist), licences);
