/** What a form says that everybody may know; whatever else stands in one is somebody's secret. */
const open: ReadonlySet<string> = new Set(
  `grant_type client_id client_assertion_type scope resource audience redirect_uri response_type response_mode
   token_type_hint requested_token_type subject_token_type actor_token_type code_challenge code_challenge_method
   username login_hint prompt display max_age ui_locales acr_values claims binding_message requested_expiry
   channel_hint challenge_hint challenge_types_supported`.split(/\s+/),
)

/** What a request holds that no error may repeat, how the client proves itself included. */
export function secretsIn(form: URLSearchParams, headers: Headers): readonly string[] {
  const values = [...form].flatMap(([name, value]) => (open.has(name) ? [] : [value]))
  const [scheme, credential] = headers.get('authorization')?.split(' ') ?? []
  if (scheme === undefined || credential === undefined) return values
  const isBasic = scheme.toLowerCase() === 'basic'
  return [...values, credential, ...(isBasic ? passwordIn(credential) : [])]
}

// RFC 6749 §2.3.1: both halves are encoded like the fields of a form.
function passwordIn(credential: string): readonly string[] {
  const pair = Buffer.from(credential, 'base64').toString()
  const encoded = pair.slice(pair.indexOf(':') + 1)
  return [encoded, ...new URLSearchParams(`s=${encoded}`).getAll('s')]
}

/** Words of an issuer without what was sent to it: there are some whose errors quote what they refuse. */
export const withoutSecrets = (words: string, secrets: readonly string[]): string =>
  secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret), formEncoded(secret)])
    .filter((secret) => secret !== '')
    // The longest first: a short one, such as a password of one letter, would leave the pieces of others.
    .toSorted((one, other) => other.length - one.length)
    .reduce((text, secret) => text.replaceAll(secret, '[removed]'), words)

const formEncoded = (secret: string): string =>
  new URLSearchParams({ s: secret }).toString().slice(2)
