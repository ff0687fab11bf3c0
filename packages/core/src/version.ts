/** The version of this package, as workers report it to their fleet. A test holds it against the manifest. */
export const version = '0.0.0';
