import { ConditionWaits } from '../condition-waits.ts';
import { Holds } from '../hold.ts';
import { ImageIds } from './image-ids.ts';
import { ReceivedImages } from './received-images.ts';
import { StandInCredentials } from './stand-in-credentials.ts';
import { StandInLimits } from './stand-in-limits.ts';
import type { ResolvedStandInOptions } from './stand-in-options.ts';
import { StandInOrders } from './stand-in-orders.ts';
import { StandInTraffic } from './stand-in-traffic.ts';

/** What the routes of one stand-in share. */
export interface StandInState {
  readonly options: ResolvedStandInOptions;
  readonly ids: ImageIds;
  readonly images: ReceivedImages;
  readonly traffic: StandInTraffic;
  readonly limits: StandInLimits;
  readonly credentials: StandInCredentials;
  readonly orders: StandInOrders;
  readonly refreshOrders: StandInOrders;
  readonly holds: Holds;
  readonly waits: ConditionWaits;
}

export function createStandInState(options: ResolvedStandInOptions): StandInState {
  return {
    options,
    ids: new ImageIds(),
    images: new ReceivedImages(options.keep),
    traffic: new StandInTraffic(),
    limits: new StandInLimits(options.limits, options.resets, options.clock),
    credentials: new StandInCredentials(options.credentials),
    orders: new StandInOrders(),
    refreshOrders: new StandInOrders(),
    holds: new Holds(),
    waits: new ConditionWaits(),
  };
}
