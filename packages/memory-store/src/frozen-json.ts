import { encodeJson } from '@imgferry/core';

/**
 * A copy that nobody can change, of what JSON keeps of a value. Going through JSON makes this store give back exactly
 * what one on the other side of a network would.
 */
export function frozenJson<Value extends object>(value: Value): Value {
  const copy = JSON.parse(encodeJson(value)) as Value;
  const open: object[] = [copy];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    Object.freeze(next);
    for (const inner of Object.values(next))
      if (typeof inner === 'object' && inner !== null) open.push(inner);
  }
  return copy;
}
