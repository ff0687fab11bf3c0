const names =
  /^(?:forwarded|via|x-(?:forwarded|original)(?:-.*)?|.*client-ip|x-real-ip|x-envoy-external-address|x-amzn-trace-id|(?:cdn|cf|tailscale)-.*)$/;

/** The header by which a proxy says that it passes a request on: then it is of somebody else than its address says. */
export function passedOnBy({ headers }: Request): string | undefined {
  return [...headers.keys()].find((name) => names.test(name));
}
