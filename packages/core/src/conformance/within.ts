/** For how long something may take that should happen at once, with much to spare for a slow machine. */
export const PATIENCE_MS = 3_000;

/** The same for one wait of a rule: it has to be told apart from a rule that was given up. */
const SOON_MS = 2_000;

/** True when the promise resolves in time; what rejects rejects. */
export async function endsWithin(promise: Promise<unknown>, ms: number = SOON_MS): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
