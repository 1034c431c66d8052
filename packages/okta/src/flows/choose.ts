import { ConfigurationError, optionChecks } from '@portcullis/core'
import { snippets } from './code/snippets.ts'
import { contradictions } from './contradictions.ts'
import { matches, questionNames } from './match.ts'
import { questions, type FlowAnswers, type FlowQuestion, type Known } from './questions.ts'
import { documents, type Flow, type FlowToken, type Row } from './row.ts'
import {
  authentications,
  grants,
  servers,
  warnings,
  type FlowClientAuthentication,
  type FlowServer,
  type FlowWarning,
} from './rules.ts'
import { rows } from './table.ts'

/** Which flow an application should use, and how to begin. */
export interface FlowChoice {
  readonly flow: Flow
  /** The flow in words. */
  readonly title: string
  /** Its number in the table of `docs/flows.md`. */
  readonly row: number
  /** Why this flow, this server, this proof. */
  readonly reasons: readonly string[]
  /** What to mind. Empty for the flows that nobody has anything against. */
  readonly warnings: readonly FlowWarning[]
  readonly server: FlowServer
  /** How the client can prove itself, the best way first. */
  readonly clientAuthentication: readonly FlowClientAuthentication[]
  /** The grant types that the registration at Okta must list. */
  readonly grants: readonly string[]
  /** The tokens to expect. */
  readonly tokens: readonly FlowToken[]
  /** The scopes to ask for; `orders:read` stands for those of your API, `okta.users.read` for those of Okta's. */
  readonly scopes: readonly string[]
  /** What older documents of Okta answered, where they did. */
  readonly formerly: readonly FormerAnswer[]
  /** TypeScript to start from: a module. */
  readonly code: string
}

/** What an older document of Okta answered. */
export interface FormerAnswer {
  /** Its title. */
  readonly document: string
  readonly flow: string
}

/**
 * Chooses a flow for an application at Okta. Answers that are wrong, or exclude each other, are a
 * `ConfigurationError` that names the question.
 *
 * @example
 * const { flow, warnings, code } = chooseFlow({ application: 'web', api: 'own', longRunning: true })
 */
export function chooseFlow(answers: FlowAnswers): FlowChoice {
  const known = complete(answers)
  const wrong = contradictions.find(({ when }) => matches(when, known))
  if (wrong !== undefined) throw refused(wrong.question, wrong.because)
  const row = rowFor(known)
  const choice = servers.find(({ when }) => matches(when, known)) ?? missing('server')
  const proof = authentications[authenticationOf(row, known)]
  const scopes = scopesOf(known)
  return {
    flow: row.flow,
    title: row.title,
    row: row.number,
    reasons: [row.because, choice.because, proof.because],
    warnings: warnings
      .filter(
        ({ rows: numbers, when = {} }) => numbers.includes(row.number) && matches(when, known),
      )
      .map(({ source, text }) => ({ source, text })),
    server: choice.server,
    clientAuthentication: proof.methods,
    grants: grantsOf(row, known),
    tokens: tokensOf(row, known),
    scopes,
    formerly: formerly(row),
    code: snippets[row.code]({
      server: choice.server === 'org' ? 'org' : 'custom',
      hasKey: known.confidential === true && row.authentication !== 'none',
      scope: scopes.join(' '),
      callsApi: known.api === 'own',
      hasServer: known.application !== 'native',
    }),
  }
}

function complete(answers: FlowAnswers): Known {
  const { checkOptions, oneOf } = optionChecks
  const checks = questionNames.map((name) => {
    const values = questions[name].answers.map(([value]) => value)
    return [name, oneOf(...values)] as const
  })
  checkOptions('chooseFlow', answers, Object.fromEntries(checks))
  const known: { [Q in FlowQuestion]?: string | boolean } = {}
  for (const name of questionNames) known[name] = answers[name] ?? defaultOf(name, known)
  return known
}

function defaultOf(name: FlowQuestion, known: Known): string | boolean {
  const found = questions[name].defaults.find(({ when = {} }) => matches(when, known))
  if (found !== undefined) return found.value
  throw refused(name, 'is missing')
}

function rowFor(known: Known): Row {
  const row = rows.find(({ when }) => matches(when, known)) ?? missing('row')
  const lacks = (token: FlowToken) => !row.tokens.includes(token)
  if (known.identify === true && lacks('id')) {
    throw refused('identify', `must be false: ${row.title} gives no ID token`)
  }
  if (known.longRunning === true && lacks('refresh')) {
    throw refused('longRunning', `must be false: ${row.title} gives no refresh token; ask again`)
  }
  return row
}

function tokensOf({ tokens }: Row, known: Known): readonly FlowToken[] {
  const wanted = { session: true, access: true, id: known.identify, refresh: known.longRunning }
  return tokens.filter((token) => wanted[token])
}

const scopesOf = (known: Known): readonly string[] => [
  ...(known.identify === true ? ['openid', 'profile'] : []),
  ...(known.longRunning === true ? ['offline_access'] : []),
  ...(known.api === 'own' ? ['orders:read'] : []),
  ...(known.api === 'okta' ? ['okta.users.read'] : []),
]

const grantsOf = (row: Row, known: Known): readonly string[] => [
  ...grants
    .filter(({ flow, when = {} }) => flow === row.flow && matches(when, known))
    .flatMap((rule) => rule.grants),
  ...(known.longRunning === true ? ['refresh_token'] : []),
]

function authenticationOf({ authentication }: Row, { confidential }: Known) {
  if (authentication !== 'by-client') return authentication
  return confidential === true ? 'key-or-secret' : 'none'
}

const formerly = (row: Row): readonly FormerAnswer[] => {
  const answers = new Map(Object.entries(row.formerly))
  return Object.entries(documents).flatMap(([name, document]) => {
    const flow = answers.get(name)
    return flow === undefined ? [] : [{ document, flow }]
  })
}

const refused = (question: FlowQuestion, because: string): ConfigurationError =>
  new ConfigurationError(`chooseFlow.${question} ${because}`)

// The last row of each table takes what is left; a test walks through all answers.
function missing(what: string): never {
  throw new Error(`The table of flows has no ${what} for these answers`)
}
