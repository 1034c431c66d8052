import type { OktaExchange } from '@portcullis/testkit'

/** The parameters and members that nobody may read. */
export const secretNames: ReadonlySet<string> = new Set(
  `access_token id_token refresh_token subject_token id_token_hint client_assertion client_secret password
  token code otp binding_code passCode mfa_token oob_code device_code auth_req_id sessionToken
  code_verifier assertion newPassword`.split(/\s+/),
)

type Named = readonly [name: string, value: string]

/** Every secret of what went over the wire, with its name. */
export function secretsOf(exchanges: readonly OktaExchange[]): ReadonlyMap<string, string> {
  const named = exchanges.flatMap((exchange) => [
    ...inForms(exchange),
    ...inJson(exchange),
    ...inHeaders(exchange),
  ])
  const secrets = named.filter(([name, value]) => secretNames.has(name) && value.length >= 6)
  return new Map(secrets.map(([name, value]) => [value, name]))
}

const inForms = ({ url, body, answerHeaders }: OktaExchange): readonly Named[] => {
  const { Location: location } = answerHeaders
  const target = typeof location === 'string' ? location : ''
  const forms = [url, target].map((address) => address.replace(/^[^?#]*[?#]?/, '')).concat(body)
  return forms.flatMap((form) => [...new URLSearchParams(form)])
}

const inJson = ({ body, answer }: OktaExchange): readonly Named[] =>
  [body, answer].flatMap((json) =>
    [...json.matchAll(/"(\w+)":\s*"([^"]+)"/g)].map(([, name = '', value = '']): Named => [
      name,
      value,
    ]),
  )

function inHeaders({ headers, answerHeaders }: OktaExchange): readonly Named[] {
  const [scheme, credential = ''] = (headers.authorization ?? '').split(' ')
  const pair = scheme === 'Basic' ? Buffer.from(credential, 'base64').toString() : ''
  const cookies = [headers.cookie, answerHeaders['Set-Cookie']].map((field): Named => [
    'token',
    /idx=([^;]+)/.exec(String(field))?.[1] ?? '',
  ])
  const secret = decodeURIComponent(pair.split(':')[1] ?? '')
  return [['token', credential], ['client_secret', secret], ...cookies]
}
