/** What an error says, for the log: the messages of our own errors hold no secrets. */
export const problemOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
