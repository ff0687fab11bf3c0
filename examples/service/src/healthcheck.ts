// Ends with 0 when the service of this container says that it is alive: what Docker's HEALTHCHECK runs.
const { HEALTH_PORT = '' } = process.env;

try {
  const url = `http://127.0.0.1:${HEALTH_PORT}/healthz`;
  const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
  if (response.status !== 200) throw new Error(`it answered with ${response.status}`);
} catch (error) {
  process.stderr.write(`not healthy: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

export {};
