import { mkdirSync, writeFileSync } from 'node:fs';

import * as page from './bundle.ts';

const file = new URL('../dist/page.js', import.meta.url);
mkdirSync(new URL('.', file), { recursive: true });
const lines = Object.entries(page).map(([name, text]) => `export const ${name} = ${JSON.stringify(text)};\n`);
writeFileSync(file, lines.join(''));
