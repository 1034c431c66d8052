/** Freezes a value and all that hangs on it: it will be shared between requests. */
export function deepFreeze<T>(value: T): T {
  if (isOpen(value)) freezeAll(value)
  return value
}

// With a list of its own, because what an issuer nests may be deeper than the stack.
function freezeAll(first: object): void {
  const open = [first]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    Object.freeze(value)
    if (Array.isArray(value)) {
      for (const member of value) if (isOpen(member)) open.push(member)
      continue
    }
    const members = value as Readonly<Record<string, unknown>>
    for (const name in members) {
      const member = members[name]
      if (isOpen(member)) open.push(member)
    }
  }
}

// The bytes of a typed array cannot be frozen.
const isOpen = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !Object.isFrozen(value) &&
  !ArrayBuffer.isView(value)
