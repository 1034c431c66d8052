/** An own member of an object: what a polluted prototype holds is never seen. */
export const ownValue = (object: object, name: string): unknown => {
  const value = (object as Readonly<Record<string, unknown>>)[name]
  return value === undefined || Object.hasOwn(object, name) ? value : undefined
}

/**
 * The same for a value that was read by its written name: such a read is many times faster than one by
 * a name in a variable, and a token is read some twenty times.
 */
export const own = (object: object, name: string, value: unknown): unknown =>
  value === undefined || Object.hasOwn(object, name) ? value : undefined

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
