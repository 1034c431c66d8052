const brand = Symbol.for('portcullis.inquiry-malformed')

/** A proxy's question that cannot be answered as it was put: 400, and `inquiry_malformed` in logs. */
export class InquiryMalformed extends Error {
  static {
    Reflect.set(this.prototype, brand, true)
  }

  override readonly name = 'InquiryMalformed'

  /** Recognises one, also of another copy of this package. */
  static is(error: unknown): error is InquiryMalformed {
    return typeof error === 'object' && error !== null && brand in error
  }
}

/** Says what is wrong with a question: names of fields only, never what they held. */
export function inquiryMalformed(reason: string): InquiryMalformed {
  // Anybody can cause one, and nobody reads its stack, which would cost ten times the rest.
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const made = new InquiryMalformed(reason)
  Error.stackTraceLimit = limit
  return made
}
