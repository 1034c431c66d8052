import { setTimeout as delay } from 'node:timers/promises'
import { audience, otherApi, shortLived } from './authorization-server.mjs'

/** The tokens that the page offers, and what is special about each. */
export const kinds = [
  {
    kind: 'reader',
    label: 'A good token',
    text: 'With the scope orders:read.',
    get: ({ trusted }) => trusted.issueToken({ resource: audience, scope: 'orders:read' }),
  },
  {
    kind: 'admin',
    label: 'A good token for everything',
    text: 'With the scopes orders:read and admin.',
    get: ({ trusted }) => trusted.issueToken({ resource: audience, scope: 'orders:read admin' }),
  },
  {
    kind: 'none',
    label: 'No token',
    text: 'The request carries no Authorization header.',
    get: async () => undefined,
  },
  {
    kind: 'under-scoped',
    label: 'A token without the scopes',
    text: 'Genuine, but it only has reports:read.',
    get: ({ trusted }) => trusted.issueToken({ resource: audience, scope: 'reports:read' }),
  },
  {
    kind: 'expired',
    label: 'An expired token',
    text: 'It lived for one second, one second ago.',
    get: async ({ trusted }) => {
      const token = await trusted.issueToken({ resource: shortLived, scope: 'orders:read' })
      await delay(decode(token).payload.exp * 1000 - Date.now() + 1000)
      return token
    },
  },
  {
    kind: 'foreign',
    label: 'A foreign token',
    text: 'From an authorization server that the APIs do not trust.',
    get: ({ foreign }) => foreign.issueToken({ resource: audience, scope: 'orders:read' }),
  },
  {
    kind: 'other-audience',
    label: 'A token for another API',
    text: `From the right server, for ${otherApi}.`,
    get: ({ trusted }) => trusted.issueToken({ resource: otherApi, scope: 'orders:read' }),
  },
  {
    kind: 'tampered',
    label: 'A forged token',
    text: 'Somebody wrote the scope admin into a good one.',
    get: async ({ trusted }) =>
      forge(await trusted.issueToken({ resource: audience, scope: 'orders:read' })),
  },
]

/** Gets tokens of each kind from the token endpoints, and keeps the last one of each. */
export function createTokens(servers) {
  const kept = new Map()
  return {
    /** Asks for a new token. Tells what is in it; the token itself stays here. */
    renew: async (kind) => {
      const token = await kindNamed(kind).get(servers)
      kept.set(kind, token)
      return shown(token)
    },
    /** The token to call an API with. */
    of: async (kind) => {
      if (!kept.has(kind)) kept.set(kind, await kindNamed(kind).get(servers))
      return kept.get(kind)
    },
  }
}

function kindNamed(kind) {
  const found = kinds.find((one) => one.kind === kind)
  if (found === undefined) throw new RangeError(`There is no token of the kind '${kind}'.`)
  return found
}

/** A token as a person may see it: the parts that anybody can read, and no signature. */
export const shown = (token) =>
  token === undefined ? {} : { ...decode(token), masked: mask(token) }

/** Without its signature a token is worth nothing, and looks the same. */
export const mask = (token) => `${token.slice(0, 24)}… (signature hidden)`

function decode(token) {
  const [header, payload] = token
    .split('.', 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
  return { header, payload }
}

function forge(token) {
  const [header, , signature] = token.split('.')
  const payload = { ...decode(token).payload, scope: 'orders:read admin' }
  const forged = Buffer.from(JSON.stringify(payload)).toString('base64url')
  return `${header}.${forged}.${signature}`
}
