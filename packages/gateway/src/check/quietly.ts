/** The answer is out: what fails in a log or a counter must not take the gateway down. */
export function quietly(tell: () => void): void {
  try {
    tell()
  } catch {
    // Whoever logs is the one to say so, and it has just failed.
  }
}
