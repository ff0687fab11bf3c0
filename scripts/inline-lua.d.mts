/** Every step with the libraries that it names, as the text of a module. */
export function inlinedLua(): string;
