/** Why a connection is ended, in SPOP's own numbers. */
export const disconnectCodes = {
  normal: 0,
  tooBig: 3,
  invalid: 4,
  versionMissing: 5,
  sizeMissing: 6,
  capabilitiesMissing: 7,
  versionUnsupported: 8,
  sizeUnfit: 9,
  fragmented: 10,
  unknown: 99,
} as const

export type DisconnectReason = keyof typeof disconnectCodes

/** What came is no SPOP, or none that is spoken here: the connection ends. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
  readonly reason: DisconnectReason

  constructor(reason: DisconnectReason, message: string) {
    // Anybody who may connect can cause one: no stack.
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = limit
    this.reason = reason
  }
}
