import { block, element, entry, pretty } from './dom.js'

/** Words and a colour for a verdict; the words come first, for those who cannot tell the colours. */
export const verdictOf = ({ decision, response }) => ({
  word: { granted: 'granted', refused: 'refused', outage: 'outage', unguarded: 'open' }[
    decision.verdict
  ],
  status: response.status,
})

export const badge = (verdict) =>
  element('span', { class: `badge ${verdict}` }, verdict === 'unguarded' ? 'not guarded' : verdict)

/** One call, from both sides. */
export function detailOf({ request, response, decision }, title) {
  return element(
    'div',
    { class: 'detail' },
    element('h3', {}, title, ' ', badge(decision.verdict)),
    element(
      'div',
      { class: 'wire' },
      element('h4', {}, 'The request'),
      block([request.line, authorization(request)].join('\n')),
    ),
    element('div', { class: 'sides' }, clientSide(response), logSide(decision)),
  )
}

const authorization = ({ authorization: field }) =>
  field === undefined ? '(no Authorization header)' : `Authorization: ${field}`

const clientSide = ({ status, statusText, challenge, body }) =>
  element(
    'section',
    { class: 'client' },
    element('h4', {}, 'What the client sees'),
    element(
      'dl',
      {},
      ...entry('Status', `${status} ${statusText}`),
      ...entry('WWW-Authenticate', challenge ?? 'none'),
      ...entry('Body', block(tidy(body))),
    ),
  )

function logSide({ verdict, code, reason, trail, principal }) {
  const known = principal && pretty(principal)
  return element(
    'section',
    { class: 'log' },
    element('h4', {}, 'What your log sees'),
    verdict === 'unguarded'
      ? element('p', { class: 'quiet' }, 'No guard stands in front of this route.')
      : element(
          'dl',
          {},
          ...entry('Verdict', verdict),
          ...entry('Code', code),
          ...entry('Reason', reason),
          ...entry('Trail', trail && block(pretty(trail))),
          ...(verdict === 'granted'
            ? entry('Principal', known ? block(known) : 'none: the request was anonymous')
            : []),
        ),
  )
}

function tidy(body) {
  try {
    return pretty(JSON.parse(body))
  } catch {
    return body
  }
}
