import { type BudgetReading, isReading, type Logger } from '@imgferry/core';

/** Those readings that have a number where one belongs. What the others told is lost, and said so. */
export function readableReadings(
  observed: readonly BudgetReading[],
  logger: Logger,
): readonly BudgetReading[] {
  return observed.filter((reading) => {
    if (isReading(reading)) return true;
    logger.warn({}, "a reading of the host's limits can not be recorded and is dropped");
    return false;
  });
}
