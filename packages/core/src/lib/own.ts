/** An own member of an object: what a polluted prototype holds is never seen. */
export const ownValue = (object: object, name: string): unknown => {
  const value = (object as Readonly<Record<string, unknown>>)[name]
  return value === undefined || Object.hasOwn(object, name) ? value : undefined
}

export const ownString = (object: object, name: string): string | undefined => {
  const value = ownValue(object, name)
  return typeof value === 'string' ? value : undefined
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
