import { quietly } from './quietly.ts'
import { outages, type OutageCode } from './table.ts'

/** Where and how somebody else failed. */
export interface OutageOptions {
  /** Where the trouble is, without user information or query. */
  readonly url?: string
  /** How far it got: `connect`, `redirect`, `status`, `body`, `content`. */
  readonly phase?: string
  /** Seconds after which it is worth trying again. */
  readonly retryAfter?: number
  readonly cause?: unknown
}

const brand = Symbol.for('portcullis.outage')

/** Somebody else's failure: a 503 with `Retry-After`, never a 401. */
export class Outage extends Error {
  static {
    Reflect.set(this.prototype, brand, true)
  }

  override readonly name = 'Outage'
  /** Stable; the list is in `docs/errors.md`. */
  readonly code: OutageCode
  readonly status = 503
  readonly url: string | undefined
  /** How far the exchange got: `connect`, `redirect`, `status`, `body`, `content`. */
  readonly phase: string | undefined
  /** Seconds. */
  readonly retryAfter: number
  readonly expose = false
  readonly #detail: string
  #isShown = false
  #headers: Readonly<Record<string, string>> | undefined

  constructor(code: OutageCode, detail: string, options: OutageOptions = {}) {
    const where = options.url === undefined ? undefined : withoutSecrets(options.url)
    const phase = options.phase === undefined ? '' : ` (${options.phase})`
    super(
      `${outages[code]}${where === undefined ? '' : ` ${where}`}${phase}: ${detail}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.#detail = detail
    this.code = code
    this.url = where
    this.phase = options.phase
    this.retryAfter = Math.max(1, Math.ceil(options.retryAfter ?? 1))
  }

  /** The status by the other name that error handlers look for. */
  get statusCode(): number {
    return this.status
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#headers ?? { 'Retry-After': String(this.retryAfter) }
  }

  /** Middleware puts what it wants sent with errors here, such as the CORS fields of `@koa/cors`. */
  set headers(fields: Readonly<Record<string, string>>) {
    this.#headers = fields
  }

  /**
   * The same outage for one more request: itself the first time, then a copy. Many wait for one fetch, and
   * whoever answers one of them may add fields to it. @internal
   */
  facing(): Outage {
    if (this.#isShown) return this.again(this.retryAfter)
    this.#isShown = true
    return this
  }

  /** The same outage, met again before anybody asked anew. @internal */
  again(retryAfter: number): Outage {
    const { url, phase, cause } = this
    return quietly(
      () =>
        new Outage(this.code, this.#detail, {
          ...(url && { url }),
          ...(phase && { phase }),
          retryAfter,
          cause,
        }),
    )
  }

  /** Recognises an outage, also one made by another copy of this package. */
  static is(error: unknown): error is Outage {
    return typeof error === 'object' && error !== null && brand in error
  }
}

// An address may hold credentials and keys; what a log needs is whose it is, and the path.
function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return 'an address that is no URL'
  const { origin, pathname, search, hash, username, password } = new URL(address)
  return search + hash + username + password === '' ? address : origin + pathname
}
