import { Child, type ChildOptions } from './child.ts';
import type { SteadyUploader, SteadyUploaderSettings } from './children/steady-uploader.ts';

/** Starts ours in a process of its own. */
export function openUploader(
  settings: SteadyUploaderSettings,
  options: ChildOptions = {},
): Child<SteadyUploader> {
  const file = new URL('children/steady-uploader.ts', import.meta.url);
  return new Child<SteadyUploader>(file, [JSON.stringify(settings)], options);
}
