import type { Handler, Reply } from '@portcullis/core'
import type { InternalTokenConfig } from '../config/config.ts'
import { publishedFor, type SigningKeys } from './signing-keys.ts'

/** Serves metadata (RFC 8414, OpenID Connect Discovery) and keys of the internal token. */
export function publishing(
  { issuer, algorithm = 'ES256' }: InternalTokenConfig,
  keys: SigningKeys,
): Handler {
  const base = issuer.replace(/\/$/, '')
  const path = new URL(issuer).pathname.replace(/\/$/, '')
  const metadata = JSON.stringify({
    issuer,
    jwks_uri: `${base}/jwks`,
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [algorithm],
  })
  const oidc = '/.well-known/openid-configuration'
  const oauth = '/.well-known/oauth-authorization-server'
  const texts = new Map<string, () => string>(
    // With and without the issuer's path, which a proxy in front may have taken away.
    [`${path}${oidc}`, `${oidc}${path}`, oidc, `${path}${oauth}`, `${oauth}${path}`, oauth].map(
      (at) => [at, () => metadata],
    ),
  )
  for (const at of [`${path}/jwks`, '/jwks']) texts.set(at, () => JSON.stringify(keys.published()))

  return (request) => {
    const text = texts.get(new URL(request.url).pathname)
    return Promise.resolve(text && answer(request.method, text))
  }
}

function answer(method: string, text: () => string): Reply {
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, headers: [['Allow', 'GET, HEAD']] }
  const headers = [
    ['Content-Type', 'application/json'],
    ['Cache-Control', `public, max-age=${publishedFor}`],
  ] as const
  return method === 'HEAD' ? { status: 200, headers } : { status: 200, headers, body: text() }
}
