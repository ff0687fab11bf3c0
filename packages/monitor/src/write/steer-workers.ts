import * as v from 'valibot';

import type { WorkerCommand } from '@imgferry/core';
import { type Order, record, type Write } from '../call.ts';
import { readJsonBody } from '../json-body.ts';
import { noSuchWorker } from '../read/workers.ts';
import type { ToldAnswer } from '../views/index.ts';

/** The id that stands for every worker that is not offline. */
export const allWorkers = 'all';

const slotsRule = 'must be a whole number from 1 to 10000';

/** How many uploads a worker may run at once. */
export const resizeBody: v.GenericSchema<unknown, { slots: number }> = v.strictObject({
  slots: v.pipe(
    v.number(slotsRule),
    v.integer(slotsRule),
    v.minValue(1, slotsRule),
    v.maxValue(10_000, slotsRule),
  ),
});

export const pauseWorker: Write = (order) => command(order, { type: 'pause' });
export const resumeWorker: Write = (order) => command(order, { type: 'resume' });

/** It stops claiming, finishes what runs or hands it back, and stops for good. */
export const drainWorker: Write = (order) => command(order, { type: 'drain' });

export const resizeWorker: Write = async (order) => {
  const { slots } = await readJsonBody(order.request, resizeBody);
  return command(order, { type: 'resize', slots });
};

async function command(order: Order, told: WorkerCommand): Promise<ToldAnswer> {
  const target = order.name === allWorkers ? 'all' : { workerId: order.name };
  const count = await order.uploader.command(target, told);
  if (count === 0 && target !== 'all') throw noSuchWorker();
  const { type, ...facts } = told;
  record(order, type, { workerId: order.name, ...facts });
  return { told: count };
}
