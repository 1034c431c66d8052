import { compactVerify, createLocalJWKSet, decodeJwt, type JWTPayload } from 'jose'
import { evaluate, readScopes } from '../access-policy.ts'
import type { Org } from '../org.ts'
import type { Server } from '../servers.ts'
import { oauthError } from '../wire.ts'
import { invalidGrant } from './code.ts'
import { need, type GrantRequest, type TokenBody } from './grant.ts'
import { issue } from './issue.ts'
import { checkAssigned } from './people.ts'

/** §3.9.4: an assertion of an issuer that the server trusts. */
export async function jwtBearerGrant(request: GrantRequest): Promise<TokenBody> {
  const { org, app, server, form, grantType } = request
  const assertion = need(form, 'assertion')
  const claims = await verified(request, assertion)
  checkClaims(request, claims)
  const person = org.findPerson(claims.sub ?? '')
  if (person === undefined) throw invalidGrant('The subject of the JWT Bearer Grant is unknown.')
  checkAssigned(request, person)
  const { scope } = claims
  const wanted = form.get('scope') ?? (typeof scope === 'string' ? scope : null)
  const scopes = readScopes(server, app, wanted)
  const rule = evaluate({ server, app, person, grantType, scopes })
  const authentication = { person, at: org.now(), factors: [] }
  return issue(request, { subject: { scopes, authentication }, rule })
}

async function verified(
  { org, server, app }: GrantRequest,
  assertion: string,
): Promise<JWTPayload> {
  const claims = parse(assertion)
  const keys = await keysOf(org, server, claims.iss ?? '')
  if (keys === undefined) {
    throw oauthError(
      401,
      'invalid_token',
      'The issuer of the token is not permitted to use the JWT Bearer Grant.',
    )
  }
  try {
    await compactVerify(assertion, createLocalJWKSet({ keys: [...keys.keys] }))
  } catch {
    throw invalidGrant('The signature of the JWT Bearer Grant is invalid.')
  }
  // An ID-JAG is for the client that asked for it.
  if (claims['client_id'] !== undefined && claims['client_id'] !== app.clientId) {
    throw invalidGrant('The JWT Bearer Grant was issued to another client.')
  }
  return claims
}

type Keys = Server['trustedIssuers'][string]

// Its own org where it is named, for assertions of the kind ID-JAG; others by the keys that it was told.
async function keysOf({ org }: Org, server: Server, issuer: string): Promise<Keys | undefined> {
  if (issuer !== org.issuer || !server.trustedServers.includes('org')) {
    return server.trustedIssuers[issuer]
  }
  await org.ring.settle()
  return { keys: await org.ring.published() }
}

function parse(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion)
  } catch {
    throw invalidGrant('The JWT Bearer Grant cannot be parsed.')
  }
}

function checkClaims({ org, server }: GrantRequest, { iss, aud, exp, jti }: JWTPayload): void {
  const audiences = Array.isArray(aud) ? aud : [aud]
  if (!audiences.includes(server.issuer)) {
    throw invalidGrant('The audience of the JWT Bearer Grant is invalid.')
  }
  if (exp === undefined || exp * 1000 <= org.now()) {
    throw invalidGrant('The JWT Bearer Grant is expired.')
  }
  if (jti !== undefined && !org.usedJtis.once(`bearer ${iss} ${jti}`, true, 3600)) {
    throw invalidGrant('The jti of the JWT Bearer Grant was already used.')
  }
}
