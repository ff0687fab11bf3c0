// Run inside the project that check-packages.mjs makes: both ways of loading an entry must work and must give
// the same objects, or `instanceof` would fail between them.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

for (const entry of process.argv.slice(2)) {
  const imported = await import(entry);
  const required = require(entry);
  const names = Object.keys(imported).filter((name) => name !== 'module.exports');
  const different = names.filter((name) => required[name] !== imported[name]);
  if (different.length > 0)
    throw new Error(`${entry}: import and require() differ in ${different.join(', ')}`);
  console.log(`${entry}: ${names.length} exports by import and by require()`);
}
