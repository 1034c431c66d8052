import { randomUUID } from 'node:crypto'
import { Refusal, type Principal } from '@portcullis/core'
import type { InternalTokenConfig } from '../config/config.ts'
import { longestToken } from '../config/limits.ts'
import { unspeakable } from './refused.ts'
import { ownMember, scopeText } from './said.ts'
import { signWith, type SigningKey } from './signing-key.ts'
import type { SigningKeys } from './signing-keys.ts'

/** An internal token, and from when to when (whole epoch seconds) it is handed out. */
export interface Minted {
  readonly token: string
  readonly from: number
  readonly until: number
}

/** Makes an internal token for an upstream, at a time in epoch seconds. */
export type Mint = (principal: Principal, audience: string, now: number) => Minted

/** Makes the mint of a gateway. */
export function createMint(config: InternalTokenConfig, keys: SigningKeys): Mint {
  const { issuer, lifetime = 60 } = config
  const claims = (config.claims ?? []).filter((name) => !written.has(name))
  const headerOf = rememberedHeader()
  const start = `{"iss":${JSON.stringify(issuer)},`

  return (principal, audience, now) => {
    const issuedAt = Math.floor(now)
    const endsAt = Math.floor(principal.expiresAt)
    const expiresAt = Math.min(issuedAt + lifetime, endsAt)
    const last = expiresAt - leastLife
    if (now >= last) throw tooLate(principal)
    const said = identityOf(principal, claims)
    const facts = `"aud":${JSON.stringify(audience)},"iat":${issuedAt},"exp":${expiresAt},"jti":"${randomUUID()}"`
    const key = keys.current()
    const input = `${headerOf(key)}.${base64url(`${start}${facts}${said}}`)}`
    const token = `${input}.${signWith(key, input)}`
    if (token.length > longestToken) throw tooLong(principal)
    // One that ends with the client's token could not be replaced by a longer one.
    const lasting = Math.floor(now + 0.8 * (expiresAt - now))
    const until = expiresAt === endsAt ? last : Math.min(last, lasting)
    return { token, from: issuedAt, until }
  }
}

// A token that would end on its way helps nobody.
const leastLife = 1

/** What the gateway always says of a caller. */
const written: ReadonlySet<string> = new Set(['sub', 'client_id', 'scope'])

function identityOf(principal: Principal, names: readonly string[]): string {
  const { client, issuer, claims } = principal
  // RFC 9068 §2.2: without a resource owner, the subject is the client.
  const subject = principal.subject ?? client
  if (subject === undefined)
    throw unspeakable('sub', issuer, 'the token names neither a subject nor a client')
  let said = `,"sub":${JSON.stringify(subject)}`
  if (client !== undefined) said += `,"client_id":${JSON.stringify(client)}`
  // A subject is unique with its issuer only, and a gateway may trust several.
  said += `,"subject_issuer":${JSON.stringify(issuer)},"scope":${JSON.stringify(scopeText(principal))}`
  for (const name of names) {
    const value = ownMember(claims, name)
    if (value !== undefined) said += `,${JSON.stringify(name)}:${JSON.stringify(value)}`
  }
  return said
}

function rememberedHeader(): (key: SigningKey) => string {
  let of: SigningKey | undefined
  let header = ''
  return (key) => {
    if (of === key) return header
    of = key
    header = base64url(JSON.stringify({ alg: key.algorithm, typ: 'at+jwt', kid: key.kid }))
    return header
  }
}

const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url')

const tooLate = ({ issuer }: Principal): Refusal =>
  new Refusal('token_expired', 'The token ends within a second: too soon for an upstream.', {
    trail: { check: 'identity', issuer },
  })

const tooLong = ({ issuer }: Principal): Refusal =>
  new Refusal(
    'claim_refused',
    `The internal token would be longer than ${longestToken} characters.`,
    {
      trail: { check: 'identity', issuer },
    },
  )
