import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Somebody else's issuer, whose assertions the org trusts. */
export function createPartner() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = 'https://partner.example'
  return {
    issuer,
    keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'partner', alg: 'ES256', use: 'sig' }],
    /** Says who somebody is, for two minutes. */
    assertion: ({ sub, aud }) => {
      const iat = Math.floor(Date.now() / 1000)
      const claims = { iss: issuer, sub, aud, iat, exp: iat + 120, jti: randomUUID() }
      const text = `${encoded({ alg: 'ES256', kid: 'partner' })}.${encoded(claims)}`
      const key = { key: privateKey, dsaEncoding: 'ieee-p1363' }
      return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
    },
  }
}
