import { ConfigurationError, optionChecks } from '@portcullis/core'
import type { IdentityConfig, InternalTokenConfig } from '../config/config.ts'

const { checkOptions, filled, listOf, oneOf, record, text } = optionChecks

/** Checks what is said about the identity of callers. */
export function checkIdentity(config: IdentityConfig): void {
  checkOptions('identity', config, { token: record, headers: record })
  const { token, headers = {} } = config
  if (token !== undefined) checkToken(token)
  for (const [name, path] of Object.entries(headers)) {
    const of = `identity.headers.${name}`
    checkField(of, name)
    if (name.toLowerCase() === 'authorization')
      throw new ConfigurationError(`${of} is for credentials: plain claims need another field`)
    if (typeof path !== 'string' || path.split('.').includes(''))
      throw new ConfigurationError(`${of} must be the path of a claim`)
  }
  const all = [...(token ? [token.header ?? 'Authorization'] : []), ...Object.keys(headers)]
  const twice = all.find((name, index) => all.findIndex((other) => same(name, other)) < index)
  if (twice !== undefined) throw new ConfigurationError(`identity writes the field ${twice} twice`)
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

function checkToken(token: InternalTokenConfig): void {
  checkOptions('identity.token', token, {
    issuer: issuerUrl,
    audience: text,
    header: text,
    algorithm: oneOf('ES256', 'EdDSA'),
    lifetime: shortLife,
    claims: listOf(handedOn),
    rotateEvery: optionChecks.someSeconds,
    keys: filled(listOf(text)),
  })
  if (token.issuer === undefined) throw new ConfigurationError('identity.token.issuer is missing')
  if (token.header !== undefined) checkField('identity.token.header', token.header)
}

const shortLife: optionChecks.Check = (value) =>
  Number.isInteger(value) && Number(value) >= 5 && Number(value) <= 60
    ? undefined
    : 'must be a whole number of seconds, 5 to 60'

const issuerUrl: optionChecks.Check = (value) =>
  typeof value === 'string' && !/[\s?#@]/.test(value) && isHttp(value)
    ? undefined
    : 'must be an absolute URL without query, fragment and user name'

const isHttp = (address: string): boolean =>
  URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)

// The gateway's own, and what makes a token one of another kind, or bound to a key that only the client has.
const own = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'subject_issuer', 'cnf', 'act', 'may_act']
const kinds = ['typ', 'token_use', 'nonce', 'at_hash', 'c_hash', 's_hash', 'events', '__proto__']
const reserved = new Set([...own, ...kinds])

const handedOn: optionChecks.Check = (value) => {
  if (typeof value !== 'string' || value === '') return 'must be the name of a claim'
  return reserved.has(value) ? `must not be ${value}, which cannot be handed on` : undefined
}

// Fields that say how a message is read or where it goes: an identity in them would change the request.
const taken = new Set(
  (
    'connection,content-length,content-type,cookie,date,expect,forwarded,host,keep-alive,proxy-authorization,' +
    'proxy-connection,set-cookie,te,trailer,transfer-encoding,upgrade,via,x-forwarded-for,x-forwarded-host,' +
    'x-forwarded-method,x-forwarded-port,x-forwarded-prefix,x-forwarded-proto,x-forwarded-uri,x-real-ip'
  ).split(','),
)

function checkField(of: string, name: string): void {
  // No other sign: CGI and WSGI read X_User and X-User as one field, and snippets take off what has one.
  if (!/^[a-z][a-z\d-]{0,63}$/i.test(name)) {
    throw new ConfigurationError(
      `${of} must be a field's name: letters, digits and hyphens, at most 64`,
    )
  }
  if (taken.has(name.toLowerCase()))
    throw new ConfigurationError(`${of} must be a field of its own: ${name} has another meaning`)
}
