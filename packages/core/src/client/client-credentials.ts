import { LRUCache } from 'lru-cache'
import { ConfigurationError } from '../errors/configuration.ts'
import { Outage } from '../errors/outage.ts'
import { Refusal } from '../errors/refusal.ts'
import { lasts } from '../lib/elapsed.ts'
import { asGranted, encoded, formOf, type Grant, type GrantWish, type Trade } from './grant.ts'
import { renewalMargin, type GrantedTokens } from './tokens.ts'

/** Tokens for the application itself, kept while they are good. */
export interface MachineTokens {
  /** A token that lives, fetched where none is kept. Whoever asks meanwhile for the same gets the same. */
  get(wish: GrantWish): Promise<GrantedTokens>
  /** The same where an API has refused one: another one, unless that was fetched for this very reason just now. */
  replace(wish: GrantWish, refused: string): Promise<GrantedTokens>
}

/** What they are fetched and kept with. */
export interface MachineTokenParts {
  readonly trade: Trade
  readonly now: () => number
  /** How many are kept, one for each wish. */
  readonly most: number
}

interface Kept {
  readonly tokens: GrantedTokens
  /** Epoch milliseconds when it was asked for. */
  readonly since: number
  /** Whether an API had refused the one before. */
  readonly isReplacement: boolean
  /** Epoch milliseconds of the last attempt to renew it that met an outage. */
  failedAt?: number
}

// Milliseconds for which an issuer that failed, or an API that refuses whatever it is shown, waits.
const rest = 5000
// Seconds, where the issuer does not say.
const unknownLifetime = 60

/** Makes a cache of the client credentials grant (RFC 6749 §4.4): one flight a wish, bounded, renewed ahead of expiry. */
export function createMachineTokens({ trade, now, most }: MachineTokenParts): MachineTokens {
  const kept = new LRUCache<string, Kept>({ max: most })
  const flights = new Map<string, Promise<GrantedTokens>>()

  const fetchToken = async (wish: GrantWish, isReplacement: boolean): Promise<GrantedTokens> => {
    const since = now()
    const tokens = await trade(clientCredentials(wish)).catch(ownMistake)
    kept.set(nameOf(wish), { tokens, since, isReplacement })
    return tokens
  }

  const fly = (wish: GrantWish, isReplacement: boolean): Promise<GrantedTokens> => {
    const name = nameOf(wish)
    const known = flights.get(name)
    if (known !== undefined) return known
    const flight = fetchToken(wish, isReplacement).finally(() => flights.delete(name))
    flights.set(name, flight)
    return flight
  }

  const renewed = async (held: Kept, wish: GrantWish): Promise<GrantedTokens> => {
    if (held.failedAt !== undefined && lasts(now() - held.failedAt, rest)) return held.tokens
    try {
      return await fly(wish, false)
    } catch (error) {
      if (!Outage.is(error)) throw error
      held.failedAt = now()
      return held.tokens
    }
  }

  const get = async (wish: GrantWish): Promise<GrantedTokens> => {
    const held = kept.get(nameOf(wish))
    const age = now() - (held?.since ?? 0)
    if (held === undefined || !lasts(age, lifetimeOf(held) * 1000)) return fly(wish, false)
    return lasts(age, freshFor(held) * 1000) ? held.tokens : renewed(held, wish)
  }

  return {
    get,
    replace: async (wish, refused) => {
      const name = nameOf(wish)
      const held = kept.get(name)
      if (held !== undefined && held.tokens.accessToken !== refused) return get(wish)
      if (held?.isReplacement === true && lasts(now() - held.since, rest)) return held.tokens
      kept.delete(name)
      return fly(wish, true)
    },
  }
}

const lifetimeOf = ({ tokens: { expiresIn = unknownLifetime } }: Kept): number => expiresIn

const freshFor = (held: Kept): number => lifetimeOf(held) - renewalMargin(lifetimeOf(held))

const clientCredentials = (wish: GrantWish): Grant => ({
  type: 'client_credentials',
  form: formOf(wish),
  granted: asGranted,
})

/** The same for wishes that mean the same, in whatever order they were written. */
function nameOf(wish: GrantWish): string {
  const { scope = '' } = wish
  const form = encoded(formOf({ ...wish, scope: scope.split(' ').toSorted().join(' ').trim() }))
  form.sort()
  return form.toString()
}

// Nobody but the programmer has a part in such a request, least of all whoever waits for its answer.
function ownMistake(error: unknown): never {
  if (!Refusal.is(error)) throw error
  throw new ConfigurationError(`No token for the application: ${error.reason}`, { cause: error })
}
