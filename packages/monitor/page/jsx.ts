/** What the bundle makes elements with. Calls of it are shorter than those that `react-jsx`, for which types are checked, makes. */
export { Fragment, h } from 'preact';
