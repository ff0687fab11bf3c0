import assert from 'node:assert/strict';

import type { Store } from '@imgferry/core';
import { assertProblem } from './answers.ts';
import { type Mount, onStage, type Scene, type SceneChanges } from './scene.ts';

/** What runs the tests. */
export interface Runner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
}

/** What the rules are tried on. */
export interface Tried extends Runner {
  readonly mount: Mount;
  /** A store of its own for each rule, closed by it. @default one in memory */
  readonly createStore?: () => Store;
}

/** What the areas of the suite write their rules with. */
export interface Stage {
  describe: Runner['describe'];
  /** A rule, on a scene of its own. */
  rule(name: string, body: (scene: Scene) => Promise<void>, changes?: SceneChanges): void;
  /** A rule about bodies as bytes. */
  rawRule: Stage['rule'];
  /** A path below the mount, from the root. */
  at(path: string): string;
  readonly uploadPath: string;
  /** That no endpoint answered. */
  assertNothing(answer: Response): Promise<void>;
}

export function stageOf({ describe, it, ...tried }: Tried): Stage {
  const { prefix, parsed, passesOn } = tried.mount;
  const rule: Stage['rule'] = (name, body, changes = {}) => it(name, () => onStage(tried, changes, body));
  return {
    describe,
    rule,
    rawRule: parsed ? () => {} : rule,
    at: (path) => prefix + path,
    uploadPath: `${prefix}/v1/images/upload`,
    async assertNothing(answer) {
      if (!passesOn) await assertProblem(answer, 404);
      else assert.deepEqual([answer.status, (await answer.text()).includes('problem')], [404, false]);
    },
  };
}
