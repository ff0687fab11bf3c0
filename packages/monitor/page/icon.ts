/** A ferry on its water, in one colour that shows on a light and on a dark tab. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#2b7fd4" d="M5 2h5v2h2v3H4V4h1zM1.5 8h13L13 12H3zM1 13q1.75 1.5 3.5 0 1.75 1.5 3.5 0 1.75 1.5 3.5 0 1.75 1.5 3.5 0v1.5q-1.75 1.5-3.5 0-1.75 1.5-3.5 0-1.75 1.5-3.5 0-1.75 1.5-3.5 0z"/></svg>`;
