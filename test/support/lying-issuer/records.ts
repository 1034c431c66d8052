import type { IncomingMessage } from 'node:http'

/** The addresses of the issuer. */
export type Place =
  | 'discovery'
  | 'keys'
  | 'authorize'
  | 'token'
  | 'userinfo'
  | 'end-session'
  | 'par'
  | 'revocation'

export const paths: Readonly<Record<Place, string>> = {
  discovery: '/.well-known/openid-configuration',
  keys: '/jwks',
  authorize: '/authorize',
  token: '/token',
  userinfo: '/userinfo',
  'end-session': '/end-session',
  par: '/par',
  revocation: '/revoke',
}

/** A request as it came. */
export interface Received {
  readonly place: Place
  readonly method: string
  readonly headers: IncomingMessage['headers']
  /** Of the query and of the form, in this order. */
  readonly parameters: URLSearchParams
}

/** What was asked, for the test to look at. */
export interface Records {
  readonly all: readonly Received[]
  readonly at: (place: Place) => readonly Received[]
  readonly count: (place: Place) => number
  /** The last one; a test that asks for what never came fails. */
  readonly last: (place: Place) => Received
  readonly clear: () => void
}

export function createRecords(): Records & { readonly add: (received: Received) => void } {
  const all: Received[] = []
  const at = (place: Place) => all.filter((one) => one.place === place)
  return {
    all,
    at,
    count: (place) => at(place).length,
    last: (place) => {
      const last = at(place).at(-1)
      if (last === undefined) throw new Error(`nobody has asked ${place}`)
      return last
    },
    clear: () => {
      all.length = 0
    },
    add: (received) => all.push(received),
  }
}
