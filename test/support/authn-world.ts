import { createHash, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  createAuthn,
  type Authn,
  type AuthnAnswer,
  type AuthnEvent,
  type AuthnOptions,
  type MfaRequiredStep,
  type WebAuthnAssertion,
} from '@portcullis/okta'
import {
  createClock,
  createOkta,
  type Clock,
  type Okta,
  type OktaOptions,
} from '@portcullis/testkit'

/** The Authentication API against the emulator of Okta. */
export interface AuthnWorld {
  readonly org: Okta
  readonly clock: Clock
  readonly events: readonly AuthnEvent[]
  readonly make: (options?: Partial<AuthnOptions>) => Authn
}

export async function createAuthnWorld(options: OktaOptions = {}): Promise<AuthnWorld> {
  const clock = createClock()
  const org = await createOkta({ clock, ...options })
  const events: AuthnEvent[] = []
  const make: AuthnWorld['make'] = (others = {}) =>
    createAuthn({
      domain: org.url,
      limiter: 'none',
      secrets: ['a secret of the tests, long enough to seal'],
      now: clock.now,
      sleep: async (seconds, signal) => {
        signal?.throwIfAborted()
        clock.advance(seconds)
      },
      observe: (event) => void events.push(event),
      ...others,
    })
  return { org, clock, events, make }
}

export const login = (name: string) => ({ username: `${name}@example.com`, password: 'password' })

/** The answer, if it is what it should be. */
export function at<Status extends AuthnAnswer['status']>(
  answer: AuthnAnswer,
  status: Status,
): Extract<AuthnAnswer, { readonly status: Status }> {
  if (answer.status !== status) {
    throw new Error(`${answer.status}, not ${status}: ${JSON.stringify(answer)}`)
  }
  // Narrowed by a value that is generic, which the compiler does not follow.
  return answer as Extract<AuthnAnswer, { readonly status: Status }>
}

type Kind = MfaRequiredStep['factors'][number]['kind']
type OfKind<Item, Wanted> = Item extends { readonly kind: infer K }
  ? Wanted extends K
    ? Item
    : never
  : never

/** The factor or challenge, if it is of that kind. */
export function kind<Item extends { readonly kind: string }, Wanted extends Item['kind']>(
  item: Item | undefined,
  wanted: Wanted,
): OfKind<Item, Wanted> {
  if (item?.kind !== wanted) throw new Error(`${item?.kind}, not ${wanted}`)
  // As above.
  return item as OfKind<Item, Wanted>
}

export const factor = <Wanted extends Kind>(
  answer: AuthnAnswer,
  factorType: string,
  wanted: Wanted,
) =>
  kind(
    at(answer, 'MFA_REQUIRED').factors.find((one) => one.factorType === factorType),
    wanted,
  )

/** A passkey, as a browser has it. */
export interface Passkey {
  readonly id: string
  readonly publicKey: { readonly [name: string]: unknown; readonly kty: string }
  readonly sign: (challenge: unknown) => WebAuthnAssertion
}

export function createPasskey(id: string): Passkey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  return {
    id,
    publicKey: { ...jwk, kty: String(jwk.kty) },
    sign: (challenge) => signWith(privateKey, challenge),
  }
}

export const clientDataOf = (type: string, challenge: unknown): string =>
  Buffer.from(JSON.stringify({ type, challenge, origin: 'https://app.example.com' })).toString(
    'base64url',
  )

function signWith(privateKey: KeyObject, challenge: unknown): WebAuthnAssertion {
  const clientDataJSON = clientDataOf('webauthn.get', challenge)
  const authenticatorData = Buffer.alloc(37, 1)
  const hash = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest()
  const signature = createSign('sha256')
    .update(Buffer.concat([authenticatorData, hash]))
    .sign(privateKey)
  return {
    clientDataJSON,
    authenticatorData: authenticatorData.toString('base64url'),
    signature: signature.toString('base64url'),
  }
}
