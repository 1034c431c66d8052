/** Freezes a value and all that hangs on it: it will be shared between requests. */
export function deepFreeze<T>(value: T): T {
  if (isOpen(value)) freezeOpen(value)
  return value
}

// On the way of every new token: `for in` makes no list of the members, and most members are no objects.
function freezeOpen(value: object): void {
  Object.freeze(value)
  if (Array.isArray(value)) {
    for (const member of value) if (isOpen(member)) freezeOpen(member)
    return
  }
  const members = value as Readonly<Record<string, unknown>>
  for (const name in members) {
    const member = members[name]
    if (isOpen(member)) freezeOpen(member)
  }
}

// The bytes of a typed array cannot be frozen.
const isOpen = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !Object.isFrozen(value) &&
  !ArrayBuffer.isView(value)
