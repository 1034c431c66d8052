import type { HttpRequest } from '@portcullis/core'
import type { Inquiry } from './inquiry.ts'

/**
 * The client's request as a guard sees it. Fields that the proxy itself writes for upstreams are
 * absent, so that nobody can be moved by a forged one; `Authorization` stays, being the client's own.
 */
export const requestOf = (inquiry: Inquiry, ours: readonly string[]): HttpRequest =>
  new InquiredRequest(inquiry, ours)

// A class for the getters on its prototype: what no rule reads costs nothing (docs/decisions/012). The
// functions can be taken off the object.
class InquiredRequest implements HttpRequest {
  readonly method: string
  readonly header: HttpRequest['header']
  readonly #inquiry: Inquiry

  constructor(inquiry: Inquiry, ours: readonly string[]) {
    this.method = inquiry.method
    this.header = (name) =>
      name !== 'authorization' && ours.includes(name) ? undefined : inquiry.header(name)
    this.#inquiry = inquiry
  }

  get url(): string {
    const { scheme, host, target } = this.#inquiry
    return `${scheme}://${host}${target}`
  }

  get certificate(): () => Uint8Array | undefined {
    return () => this.#inquiry.certificate?.()
  }

  // Gateways send no body, and no guard of ours is told to look for a token in one.
  get form(): HttpRequest['form'] {
    return () => Promise.resolve(new URLSearchParams())
  }
}
