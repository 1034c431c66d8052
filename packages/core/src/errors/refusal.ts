import { challenge, plainFace, type Face } from '../http/challenge.ts'
import { refusals, wireText, type BearerError, type RefusalCode } from './table.ts'
import { quietly } from './quietly.ts'

/**
 * How the decision came about, for logs. Nothing in it is secret; `kid`, `alg`, `typ` and `presented`
 * are the token's own words, cut and reduced to printable ASCII, and not to be taken for facts.
 */
export interface Trail {
  /** The step that said no: `signature`, `audience`, `rule`. */
  readonly check?: string
  /** The trusted issuer that the token named. */
  readonly issuer?: string
  readonly kid?: string
  readonly alg?: string
  readonly typ?: string
  /** Seconds since the issuer's key set was fetched. */
  readonly keyAge?: number
  /** Seconds by which a time claim misses the clock. */
  readonly clockDelta?: number
  /** What the token or the request held instead. */
  readonly presented?: string
  /** The refusals of the alternatives that `anyOf` tried. */
  readonly alternatives?: readonly RefusalCode[]
}

/** What a refusal carries beside its reason. */
export interface RefusalOptions {
  readonly trail?: Trail | undefined
  /** Parameters of the challenge beside `error`, for example `scope`. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
  readonly cause?: unknown
  /** @internal */
  readonly face?: Face | undefined
  /** Made without a stack. @internal */
  readonly quiet?: true
}

const brand = Symbol.for('portcullis.refusal')

/**
 * The client's fault. `message` is what the wire may say; `code`, `reason` and `trail` are for logs.
 * `status`, `headers` and `expose` are what the default error handlers of Express and Koa read. Whoever
 * writes a verifier, a constraint or a rule throws or returns one.
 */
export class Refusal extends Error {
  static {
    Reflect.set(this.prototype, brand, true)
  }

  override readonly name = 'Refusal'
  /** Stable; the list is in `docs/errors.md`. */
  readonly code: RefusalCode
  readonly status: number
  /** What was wrong, for the programmer. Never sent unless the guard has `exposeReason`. */
  readonly reason: string
  /** How the decision came about, for logs. */
  readonly trail: Trail
  readonly expose = true
  readonly #options: RefusalOptions
  #isShown = false
  #headers: Readonly<Record<string, string>> | undefined

  constructor(code: RefusalCode, reason?: string, options: RefusalOptions = {}) {
    const { status, sentence } = refusals[code]
    const said = reason ?? sentence
    const message = options.face?.exposeReason
      ? `${code}: ${said}`
      : wireText(status, errorOf(code))
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = status
    this.reason = said
    this.trail = options.trail ?? {}
    this.#options = options
  }

  /** The status by the other name that error handlers look for. */
  get statusCode(): number {
    return this.status
  }

  /** `WWW-Authenticate` where the status calls for one (RFC 6750 §3). */
  get headers(): Readonly<Record<string, string>> {
    if (this.#headers !== undefined) return this.#headers
    const error = errorOf(this.code)
    if (error === undefined && this.status !== 401) return {}
    const { face = plainFace, parameters } = this.#options
    const description =
      error !== undefined && face.exposeReason ? describable(this.message) : undefined
    return {
      'WWW-Authenticate': challenge(face, {
        ...(error && { error }),
        ...(description && { error_description: description }),
        ...parameters,
      }),
    }
  }

  /** Middleware puts what it wants sent with errors here, such as the CORS fields of `@koa/cors`. */
  set headers(fields: Readonly<Record<string, string>>) {
    this.#headers = fields
  }

  /**
   * The same refusal for one more request, as the guard shows it: itself the first time, where there is
   * nothing to add and nothing to hide, then a copy, because whoever answers may add fields to it. @internal
   */
  facing(face: Face): Refusal {
    const isPlain = this.#options.face === undefined && this.#options.quiet === true
    if (face !== plainFace || !isPlain || this.#isShown) return this.amended({ face })
    this.#isShown = true
    return this
  }

  /** The same refusal with some of its options replaced. @internal */
  amended(options: RefusalOptions): Refusal {
    return refuse(this.code, this.reason, { ...this.#options, ...options })
  }

  /** Recognises a refusal, also one made by another copy of this package. */
  static is(error: unknown): error is Refusal {
    return typeof error === 'object' && error !== null && brand in error
  }
}

// RFC 6750 §3 allows neither quote nor backslash in error_description, not even escaped.
const describable = (text: string): string => text.replace(/["\\]/g, "'")

const errorOf = (code: RefusalCode): BearerError | undefined => refusals[code].error

const nothing: RefusalOptions = {}

/** Makes a refusal without a stack, for the hot path. */
export function refuse(
  code: RefusalCode,
  reason?: string,
  given: RefusalOptions = nothing,
): Refusal {
  const { trail, parameters, cause, face } = given
  // Written out: a spread would cost twice as much as all the rest, and make what is slow to read.
  const options: RefusalOptions = { trail, parameters, cause, face, quiet: true }
  return quietly(() => new Refusal(code, reason, options))
}

/** The refusal of a rule of your own: 403, with a reason for your logs. */
export const forbidden = (reason?: string): Refusal =>
  refuse('forbidden', reason, { trail: { check: 'rule' } })
