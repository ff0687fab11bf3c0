import { testAgain } from './again.ts';
import { testAuthorize } from './authorize.ts';
import { testBodies } from './bodies.ts';
import { testCors } from './cors.ts';
import { testEvents } from './events.ts';
import { testHealth } from './health.ts';
import { testJob } from './job.ts';
import { testLinks } from './links.ts';
import { testMapping } from './mapping.ts';
import { testOpenApi } from './openapi.ts';
import { testOperator } from './operator.ts';
import { testOrigins } from './origins.ts';
import { testPaths } from './paths.ts';
import { testProblems } from './problems.ts';
import { stageOf, type Tried } from './stage.ts';
import { testSteering } from './steer.ts';
import { testStoreAway } from './store-away.ts';
import { testSubmit } from './submit.ts';
import { testUploads } from './uploads.ts';

/** Every rule of the endpoints that holds whatever they are mounted on. */
export function testEndpoints(tried: Tried): void {
  const stage = stageOf(tried);
  testSubmit(stage);
  testBodies(stage);
  testJob(stage);
  testSteering(stage);
  testUploads(stage);
  testAgain(stage);
  testMapping(stage);
  testOperator(stage);
  testOrigins(stage);
  testProblems(stage);
  testLinks(stage);
  testEvents(stage);
  testHealth(stage);
  testOpenApi(stage);
  testStoreAway(stage);
  testPaths(stage);
  testAuthorize(stage);
  testCors(stage);
}
