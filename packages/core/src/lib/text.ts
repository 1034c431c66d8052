/** A value where it is a text that says something. */
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** The same text in a string of its own: a slice keeps the string that it was cut from alive, with somebody's token in it. */
export const copied = (slice: string): string => Buffer.from(slice).toString()
