/** A web `Request` does not say who sent it, so whoever makes one notes it here. */
export const remoteAddresses: WeakMap<Request, string> = new WeakMap();
