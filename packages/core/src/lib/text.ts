/** A value where it is a text that says something. */
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Whether a value is a text, where it is there at all. */
export const isOptionalText = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string'

/** The same text in a string of its own: a slice keeps the string that it was cut from alive, with somebody's token in it. */
export const copied = (slice: string): string => Buffer.from(slice).toString()
