import type { Handler, HeaderField, Principal } from '@portcullis/core'
import type { Route } from '../routing/route.ts'

/** Tells upstreams who is calling. */
export interface Identity {
  /** Names of every field it ever writes, lower case: the client's own copies must never get through. */
  readonly names: readonly string[]
  /**
   * Every configured field, with an empty value where there is nothing to say; nothing but empty values
   * without a principal. Throws a `Refusal` for values that cannot be a field's, and for a token that
   * ends within a second.
   */
  fields(principal: Principal | undefined, route: Route | undefined): readonly HeaderField[]
  /** Serves metadata and keys of the internal token; answers nothing where none is configured. */
  readonly handler: Handler
  /** What an answer may be remembered for by the proxy at most, in seconds; never beyond the client's token. */
  readonly freshFor: number
}
