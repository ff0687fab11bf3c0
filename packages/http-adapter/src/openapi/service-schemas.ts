import * as v from 'valibot';

import { link } from './wire-schemas.ts';

/** Links of images. */
export const links: v.GenericSchema<{ uploaded: string[] }> = v.strictObject({
  uploaded: v.pipe(v.array(link), v.description('In the order of completion.')),
});

/** This process answers. */
export const alive: v.GenericSchema<{ status: 'alive' }> = v.strictObject({ status: v.literal('alive') });

/** The store was read just now. */
export const ready: v.GenericSchema<{ status: 'ready' }> = v.strictObject({ status: v.literal('ready') });
