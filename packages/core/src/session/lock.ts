/** One at a time, across processes. */
export interface Lock {
  /** Takes the lock for some seconds, or answers `undefined` where somebody else has it. Does not wait. */
  acquire(name: string, seconds: number): Promise<Lease | undefined>
  /** What the last holder left behind, until its time is up. */
  note(name: string): Promise<string | undefined>
}

/** A lock that is held. */
export interface Lease {
  /** Larger than that of every earlier holder of the name: whoever writes later with a smaller one comes too late. */
  readonly fence: number
  /**
   * Gives the lock back, and leaves a note for those who waited, in one step. A holder whose time was up
   * changes nothing and is told so by `false`.
   */
  release(note?: { readonly text: string; readonly seconds: number }): Promise<boolean>
}
