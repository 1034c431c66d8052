import { randomBytes } from 'node:crypto'
import { createSigner } from '../lib/tokens.mjs'

const signer = createSigner('RS256')
const scope = 'openid profile email offline_access'
const client = '0oa9z8y7x6w5v4u3t2s1'

/** What a login brings in: an ID token of 2 KB, an access token of 1.5 KB, and a refresh token. */
export function tokens() {
  const nonce = randomBytes(32).toString('base64url')
  const idToken = grown(2048, (filling) =>
    signer.token({ aud: client, nonce, scope: undefined, client_id: undefined, filling }),
  )
  const accessToken = grown(1536, (filling) => signer.token({ scope, filling }))
  return { idToken, accessToken, refreshToken: randomBytes(32).toString('base64url') }
}

/** The same, and what Portcullis keeps with it: every claim of the ID token but the nonce. */
export function session() {
  const { idToken, accessToken, refreshToken } = tokens()
  const { nonce: _, ...claims } = payload(idToken)
  const now = Date.now()
  return {
    id: randomBytes(32).toString('base64url'),
    issuer: claims.iss,
    client,
    claims,
    scope,
    tokens: [
      {
        value: accessToken,
        audience: '',
        scope,
        expiresAt: Math.floor(now / 1000) + 3600,
        lifetime: 3600,
      },
    ],
    refreshToken,
    idToken,
    createdAt: now,
    seenAt: now,
  }
}

const payload = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())

// Groups, as a directory gives them; base64url comes out at most one character short of the size.
function grown(size, make) {
  const missing = ((size - make([]).length) * 3) / 4
  const names = Array.from(
    { length: Math.floor(missing / 20) },
    (_, at) => `group-number-${1000 + at}`,
  )
  const rest = Math.floor(((size - make(names).length) * 3) / 4)
  return make([...names.slice(0, -1), `${names.at(-1)}${'x'.repeat(Math.max(0, rest))}`])
}
