import { checkOptions, either, listOf, record, seconds, text, type Check } from '../lib/assert.ts'

/** What an authorization request asks for, beside what protects it. */
export interface AuthorizationParameters {
  /** `openid` is always among them. Default `openid profile email`. */
  readonly scope?: string | readonly string[]
  /** The API that the access token is for, at issuers that call it so. */
  readonly audience?: string
  /** The APIs that the access token is for (RFC 8707). */
  readonly resource?: string | readonly string[]
  /** How strongly the user must be authenticated; the ID token must name one of them. */
  readonly acrValues?: string | readonly string[]
  /** Seconds since which the user must have been authenticated; `auth_time` is checked. */
  readonly maxAge?: number
  /** `login`, `consent`, `select_account`, `create`, `none`. */
  readonly prompt?: string
  /** The name the user will probably sign in with. */
  readonly loginHint?: string
  /** The identity provider to go on to, at issuers that have several (Okta). */
  readonly idp?: string
  /** Languages of the issuer's pages. */
  readonly uiLocales?: string | readonly string[]
  /** Any others, in the words of the issuer. What protects the request cannot be replaced. */
  readonly extra?: Readonly<Record<string, string>>
}

const texts = either(text, listOf(text))

const checks: Readonly<Record<keyof AuthorizationParameters, Check>> = {
  scope: texts,
  audience: text,
  resource: texts,
  acrValues: texts,
  maxAge: seconds,
  prompt: text,
  loginHint: text,
  idp: text,
  uiLocales: texts,
  extra: record,
}

const ours = new Set([
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'redirect_uri',
  'request',
  'request_uri',
  'response_mode',
  'response_type',
  'state',
])

// What has a name of its own is checked, or counts elsewhere: written here it would only be sent.
const named = new Map([
  ['acr_values', 'acrValues'],
  ['max_age', 'maxAge'],
  ['prompt', 'prompt'],
  ['resource', 'resource'],
  ['scope', 'scope'],
])

function extraCheck(key: string): Check {
  const name = named.get(key)
  if (name !== undefined) return () => `must stand outside of extra, as ${name}`
  return ours.has(key) ? () => 'cannot be set: the login itself sets it' : text
}

/** Checks what a programmer hands in as parameters. */
export function checkParameters(name: string, given: AuthorizationParameters): void {
  checkOptions(name, given, checks)
  const { extra = {} } = given
  const keys = Object.keys(extra)
  checkOptions(
    `${name}.extra`,
    extra,
    Object.fromEntries(keys.map((key) => [key, extraCheck(key)])),
  )
}

/** Parameters with others laid over them, those in `extra` one by one. */
export function mergeParameters(
  under: AuthorizationParameters | undefined,
  over: AuthorizationParameters | undefined,
): AuthorizationParameters | undefined {
  if (under === undefined || over === undefined) return over ?? under
  const extra = { ...under.extra, ...over.extra }
  const given = Object.entries(over).filter(([, value]) => value !== undefined)
  return { ...under, ...Object.fromEntries(given), ...(under.extra && over.extra && { extra }) }
}

const list = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? value.split(' ').filter((one) => one !== '') : value

/** The scopes of a request. */
export const scopesOf = ({ scope = 'openid profile email' }: AuthorizationParameters): string =>
  [...new Set(['openid', ...list(scope)])].join(' ')

/** The `acr` values of a request. */
export const acrOf = ({ acrValues }: AuthorizationParameters): readonly string[] | undefined =>
  acrValues === undefined ? undefined : list(acrValues)

/** Writes parameters in the words of the wire. */
export function writeParameters(given: AuthorizationParameters): URLSearchParams {
  const { audience, resource = [], maxAge, prompt, loginHint, idp, uiLocales, extra } = given
  const written = new URLSearchParams({ ...extra, scope: scopesOf(given) })
  const single = {
    audience,
    prompt,
    idp,
    login_hint: loginHint,
    max_age: maxAge === undefined ? undefined : String(Math.floor(maxAge)),
    acr_values: acrOf(given)?.join(' '),
    ui_locales: uiLocales === undefined ? undefined : list(uiLocales).join(' '),
  }
  for (const [name, value] of Object.entries(single)) {
    if (value !== undefined) written.set(name, value)
  }
  for (const one of [resource].flat()) written.append('resource', one)
  return written
}

/** The API that the access token of a login is for, where it is one. */
export const resourceOf = ({ resource = [] }: AuthorizationParameters): string | undefined => {
  const [first, ...others] = [resource].flat()
  return others.length === 0 ? first : undefined
}
