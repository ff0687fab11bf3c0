/** Every library and every step, as the text of a module. */
export function inlinedLua(): string;
