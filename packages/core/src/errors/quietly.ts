/**
 * Makes an error without recording a stack: nobody reads the stack of a refusal, and recording it
 * costs ten times the rest. Where the intrinsics are frozen the stack is simply recorded.
 */
export function quietly<T extends Error>(make: () => T): T {
  const limit = Error.stackTraceLimit
  try {
    Error.stackTraceLimit = 0
  } catch {
    return make()
  }
  try {
    return make()
  } finally {
    Error.stackTraceLimit = limit
  }
}
