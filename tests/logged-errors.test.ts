import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { logCallsIn, rawErrorsLogged } from './logged-errors.ts';

const packagesFolder = fileURLToPath(new URL('../packages', import.meta.url));

describe('what the packages log', () => {
  it('has no error as it was thrown', () => {
    const sources = readdirSync(packagesFolder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /^[\w-]+\/src\/.*\.ts$/.test(file))
      .map((file) => [file, readFileSync(`${packagesFolder}/${file}`, 'utf8')] as const);
    expect(sources.reduce((sum, [, source]) => sum + logCallsIn(source), 0)).toBeGreaterThanOrEqual(10);
    expect(sources.flatMap(([file, source]) => rawErrorsLogged(file, source))).toEqual([]);
  });
});

describe('the check of what is logged', () => {
  it.each([
    "try {} catch (error) { logger.warn({ err: error }, 'x') }",
    "try {} catch (error) { this.#logger.error({ error }, 'x') }",
    "try {} catch (fault) { this.#options.logger.debug({ words: String(fault) }, 'x') }",
    "try {} catch (fault) { logger.warn({ ...facts(fault) }, 'x') }",
    "try {} catch (fault) { logger.warn(facts(fault), 'x') }",
    "run().catch((fault: unknown) => logger.info({ why: fault.message }, 'x'))",
    "function log(level: string, fault: StoreUnavailableError) { logger[level]({ fault }, 'x') }",
    "function log({ error }: Event) { logger.warn({ words: error.message }, 'x') }",
    "const facts = { err }; logger.warn(facts, 'x')",
    "logger.warn({ err: result.error }, 'x')",
  ])('refuses %s', (source) => expect(rawErrorsLogged('a.ts', `\n${source}`)).toEqual(['a.ts:2']));

  it.each([
    "try {} catch (error) { logger.warn({ err: redactError(error), jobId }, 'x') }",
    "try {} catch (error) { logger.warn(faultFacts(lease, error), 'x') }",
    "try {} catch (error) { this.#options.logger[level]({ ...faultFacts(lease, error), type }, 'x') }",
    "logger.info({}, 'x')",
    "try {} catch (error) { this.#log.error({ error }, 'x') }",
  ])('allows %s', (source) => expect(rawErrorsLogged('a.ts', source)).toEqual([]));
});
