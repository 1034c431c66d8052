import { ConfigurationError } from '../../errors/configuration.ts'
import type { AccessToken, TokenVerifier } from '../../guard/token.ts'
import { checkOptions, record } from '../../lib/assert.ts'
import { textFromBase64url } from '../../lib/base64url.ts'
import type { Claims } from '../../lib/claims.ts'
import { parseObject } from '../../lib/json.ts'
import { andThen } from '../../lib/maybe-promise.ts'
import { ownValue } from '../../lib/own.ts'

/** Two verifiers that stand for one. */
export interface TwoVerifiers<C = Claims> {
  /** What `jwt()` made. */
  readonly jwt: TokenVerifier<C>
  /** What `introspection()` made. */
  readonly introspection: TokenVerifier<C>
}

/**
 * Verifies a token that is a JWT with the issuer's keys, and asks the issuer about any other. A JWT that
 * does not hold is refused without asking.
 *
 * @example
 * const guard = createGuard({ verifier: jwtOrIntrospection({ jwt: jwt({ issuers }), introspection: introspection(options) }) })
 */
export function jwtOrIntrospection<C = Claims>(verifiers: TwoVerifiers<C>): TokenVerifier<C> {
  checkVerifiers('jwtOrIntrospection', verifiers)
  const { jwt, introspection } = verifiers
  return {
    ...together(verifiers),
    verify: (token) => (isJwt(token) ? jwt : introspection).verify(token),
  }
}

/**
 * Verifies a JWT with the issuer's keys and then asks the issuer whether it is still good: for routes
 * where a revocation must be seen at once. A JWT that does not hold is refused without asking; what the
 * guard gets to know is what the JWT says.
 */
export function jwtAndIntrospection<C = Claims>(verifiers: TwoVerifiers<C>): TokenVerifier<C> {
  checkVerifiers('jwtAndIntrospection', verifiers)
  const { jwt, introspection } = verifiers
  return {
    ...together(verifiers),
    verify: (token) =>
      andThen(jwt.verify(token), (signed) =>
        andThen(introspection.verify(token), (live) => both(signed, live)),
      ),
  }
}

const both = <C>(signed: AccessToken<C>, live: AccessToken<C>): AccessToken<C> => ({
  ...signed,
  expiresAt: Math.min(signed.expiresAt, live.expiresAt),
  // The issuer may say of a binding what the token does not.
  confirmation: signed.confirmation ?? live.confirmation,
  rules: [...signed.rules, ...live.rules],
})

const together = <C>({ jwt, introspection }: TwoVerifiers<C>) => ({
  prewarm: async () => {
    await Promise.all([jwt.prewarm?.(), introspection.prewarm?.()])
  },
  health: () => [...(jwt.health?.() ?? []), ...(introspection.health?.() ?? [])],
})

/** Whether a token could only be meant as a JWT (RFC 7515 §3.1, RFC 7516 §3.1). Both ways end in a full check. */
function isJwt(token: string): boolean {
  const parts = token.split('.', 6)
  if (parts.length !== 3 && parts.length !== 5) return false
  const header = parseObject(textFromBase64url(parts[0] ?? '') ?? '')
  return header !== undefined && typeof ownValue(header, 'alg') === 'string'
}

function checkVerifiers<C>(name: string, verifiers: TwoVerifiers<C>): void {
  checkOptions(name, verifiers, { jwt: record, introspection: record })
  for (const of of ['jwt', 'introspection'] as const) {
    if (typeof verifiers[of]?.verify === 'function') continue
    throw new ConfigurationError(`${name}.${of} must be what ${of}() made`)
  }
}
