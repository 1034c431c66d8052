/**
 * What a person may see of an exchange. Names that are known to be harmless are shown, of the tokens the
 * first six characters, and nothing of anything else: a parameter that nobody has thought of is a secret.
 */
export function maskExchange({ endpoint, method, url, headers, body, ...answer }) {
  return {
    endpoint,
    request: {
      line: `${method} ${maskUrl(url)}`,
      headers: maskHeaders(headers, shownOfRequests),
      body: maskBody(body, headers['content-type']),
    },
    answer: {
      status: answer.status,
      headers: maskHeaders(answer.answerHeaders, shownOfAnswers),
      body: maskBody(answer.answer, headerOf(answer.answerHeaders, 'content-type')),
    },
  }
}

const hidden = '••••••'

/** Of a token, enough to recognise it by, and worth nothing. */
export const maskToken = (token) => (token.length >= 20 ? `${token.slice(0, 6)}…` : hidden)

const words = (text) => new Set(text.split(/\s+/))

const tokens =
  words(`access_token id_token refresh_token token subject_token actor_token id_token_hint
  client_assertion mfa_token oob_code device_code auth_req_id device_secret sessionToken stateToken id sid
  state nonce code_challenge`)

const plain =
  words(`grant_type response_type response_mode scope scp client_id redirect_uri prompt max_age
  login_hint username channel_hint challenge_hint challenge_types_supported channel binding_method
  grant_types_supported supported_challenge_types challenge_type audience resource binding_message
  client_assertion_type code_challenge_method token_type_hint subject_token_type requested_token_type
  issued_token_type token_type expires_in interval active error error_description error_uri errorCode
  errorSummary errorLink iss aud sub cid uid ver acr amr auth_time exp iat nbf updated_at name given_name
  family_name preferred_username email email_verified locale zoneinfo status login firstName lastName timeZone
  expiresAt createdAt lastPasswordVerification lastFactorVerification userId mfaActive idp type factorType
  provider vendorName factorResult method allow hints href rel passwordChanged relayState post_logout_redirect_uri
  redirectUrl verification_uri multiOptionalFactorEnroll warnBeforePasswordExpired client orders number item
  quantity message acr_values`)

const addresses = words('href verification_uri redirect_uri post_logout_redirect_uri redirectUrl')

function maskValue(name, value) {
  if (typeof value === 'boolean' || value === null) return value
  if (tokens.has(name)) return maskToken(String(value))
  if (!plain.has(name)) return hidden
  if (typeof value !== 'string') return value
  return swept(addresses.has(name) && URL.canParse(value) ? maskUrl(value) : value)
}

// Nothing that looks like a signed token is shown, wherever it stands.
const swept = (text) => text.replace(/[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g, maskToken)

/** An address without what its path, its query and its fragment carry. */
function maskUrl(text) {
  const url = new URL(text)
  const path = url.pathname.replace(
    /\/(login|sessions)\/(?!me\b|sessionCookieRedirect\b)[^/]+/g,
    (_, door) => `/${door}/${hidden}`,
  )
  const query = url.search && `?${maskForm(url.search.slice(1)).join('&')}`
  const fragment = url.hash && `#${maskForm(url.hash.slice(1)).join('&')}`
  return `${url.origin}${path}${query}${fragment}`
}

const maskForm = (text) =>
  [...new URLSearchParams(text)].map(([name, value]) => `${name}=${maskValue(name, value)}`)

function maskBody(body, type = '') {
  if (body === '') return undefined
  if (type.includes('html')) return describePage(body)
  if (type.includes('x-www-form-urlencoded')) return maskForm(body).join('\n')
  if (!type.includes('json')) return hidden
  try {
    return describeJson(JSON.parse(body))
  } catch {
    return hidden
  }
}

function describeJson(value) {
  if (Array.isArray(value.keys)) return `(${value.keys.length} public keys)`
  if (value.jwks_uri !== undefined) {
    return `(metadata of ${value.issuer}: ${Object.keys(value).length} members)`
  }
  return JSON.stringify(maskJson('', value), undefined, 2)
}

function maskJson(name, value) {
  if (Array.isArray(value)) return value.map((one) => maskJson(name, one))
  if (typeof value !== 'object' || value === null) return maskValue(name, value)
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, maskJson(key, of)]))
}

function describePage(html) {
  const title = /<title>([^<]*)/.exec(html)?.[1] ?? 'untitled'
  const fields = [...html.matchAll(/type="hidden" name="([^"]+)"/g)].map(([, name]) => name)
  return `(a page: ${title}${fields.length > 0 ? `, with ${fields.join(', ')}` : ''})`
}

const challenge = (value) => swept(value)
const cookies = (value) => value.replace(/=[^;]*/g, `=${hidden}`)
const credential = (value) => {
  const [scheme, rest = ''] = value.split(' ')
  return `${scheme} ${scheme === 'Bearer' ? maskToken(rest) : hidden}`
}

const shownOfRequests = {
  authorization: credential,
  cookie: cookies,
  'content-type': String,
}
const shownOfAnswers = {
  location: (value) => (URL.canParse(value) ? maskUrl(value) : hidden),
  'set-cookie': (value) => String(value).replace(/=[^;]*/, `=${hidden}`),
  'www-authenticate': challenge,
  'retry-after': String,
  'content-type': String,
}

const headerOf = (headers, wanted) =>
  Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1]

const maskHeaders = (headers, shown) =>
  Object.entries(shown).flatMap(([name, mask]) => {
    const value = headerOf(headers, name)
    return value === undefined || value === '' ? [] : [`${name}: ${mask(String(value))}`]
  })
