import {
  ConfigurationError,
  type Runtime,
  type Rule,
  type SenderConstraint,
} from '@portcullis/core'
import type { GatewayConfig, IssuerConfig, RouteConfig, RuleConfig } from '../config/config.ts'
import { checkMeaning } from '../config/meaning.ts'
import { soundPartsOf } from '../config/sound.ts'
import { claim } from '../config/texts.ts'
import { issuerShape } from '../config/issuer-shape.ts'
import { oneOf, seconds, text } from '../config/leaves.ts'
import { routeShape } from '../config/route-shape.ts'
import {
  either,
  hold,
  list,
  map,
  may,
  need,
  object,
  type Problem,
  type Shape,
} from '../config/shape.ts'
import type { Answer } from '../check/answer.ts'

/** What a Lambda authorizer is told. Durations are seconds. */
export interface LambdaOptions extends Runtime {
  /** Whom it trusts, in the words of the gateway's configuration. */
  readonly issuers: readonly IssuerConfig[]
  /** What may be called, in the words of the gateway's configuration; without hosts. The first that fits decides. */
  readonly routes: readonly RouteConfig[]
  /**
   * For how many seconds the authorizer at AWS remembers answers: what is set there. Default 300, as at
   * AWS. With 0 an answer is for the request at hand alone.
   */
  readonly ttl?: number
  /** `policy` (default), or `simple` for an HTTP API with format 2.0 and simple responses. */
  readonly response?: 'policy' | 'simple'
  /**
   * The routes of the API at AWS (`GET /orders/{id}`, `ANY /files/{proxy+}`, `$default`), or `routes` where
   * they are those of `routes`. Default: any path can be asked for.
   */
  readonly resources?: readonly string[] | 'routes'
  /** What the integration gets to know: name → claim (`sub`, `scope`, `client_id`, or a path). Default `sub`, `client_id`, `scope`, `iss`. */
  readonly context?: Readonly<Record<string, string>>
  /** Seconds within which it answers, if need be with an error. Default 5. */
  readonly deadline?: number
  /** Sender constraints (DPoP, mutual TLS), which look at each request: only with a `ttl` of 0. */
  readonly constraints?: readonly SenderConstraint[]
  /** Rules that routes name under `custom`, which may look at each request: only with a `ttl` of 0. */
  readonly rules?: Readonly<Record<string, Rule>>
  /** Told of every decision, for logs. Never of a token. */
  readonly onAnswer?: (answer: LambdaDecision) => void
}

/** What was decided on a request, and why. */
export interface LambdaDecision {
  readonly outcome: Answer['outcome']
  /** The `id` of the route that decided. */
  readonly route: string | undefined
  /** Why not: a code of the guard's, or `route_unknown`, `path_ambiguous`, `failed`. */
  readonly code: string | undefined
}

type Plain = Omit<LambdaOptions, 'fetch' | 'now' | 'constraints' | 'rules' | 'onAnswer'>

const shape: Shape<Plain> = object<Plain>({
  issuers: need(list(issuerShape, true), 'Whom it trusts.'),
  routes: need(list(routeShape), 'What may be called.'),
  ttl: may(seconds({ least: 0, most: 3600 }), 'The cache of the authorizer.'),
  response: may(oneOf('policy', 'simple'), 'How it answers.'),
  resources: may(either(oneOf('routes'), list(text())), 'The routes of the API.'),
  context: may(
    map(claim, () => undefined),
    'What the integration gets to know.',
  ),
  deadline: may(seconds({ above: 0, most: 29 }), 'Seconds for an answer.'),
})

/** Checks the options; throws a `ConfigurationError` that names the first mistake. */
export function readOptions(options: LambdaOptions): LambdaOptions {
  const code = new Set(['fetch', 'now', 'constraints', 'rules', 'onAnswer'])
  const plain = Object.fromEntries(Object.entries(options).filter(([name]) => !code.has(name)))
  const problems: Problem[] = []
  hold(shape, plain, [], (problem) => problems.push(problem))
  checkMeaning(soundPartsOf(plain, problems), (problem) => problems.push(problem))
  const [first] = problems
  if (first !== undefined) {
    throw new ConfigurationError(`${['lambda', ...first.path].join('.')} ${first.message}`)
  }
  checkCacheable(options)
  return options
}

// What looks at the request itself holds for that request alone.
function checkCacheable({ ttl, constraints = [], routes, issuers }: LambdaOptions): void {
  if (ttl === 0) return
  if (constraints.length > 0) throw perRequest('lambda.constraints')
  const custom = routes.findIndex(({ rules }) => rules !== undefined && asksCode(rules))
  if (custom !== -1) throw perRequest(`lambda.routes[${custom}].rules.custom`)
  if (ttl === undefined && issuers.some(({ introspection }) => introspection !== undefined)) {
    throw new ConfigurationError(
      'lambda.ttl is missing: with introspection, say for how long a revocation may go unseen',
    )
  }
}

const perRequest = (name: string): ConfigurationError =>
  new ConfigurationError(
    `${name} looks at each request: set lambda.ttl and the cache of the authorizer to 0`,
  )

const asksCode = ({ custom, anyOf = [], allOf = [], not }: RuleConfig): boolean =>
  custom !== undefined || [...anyOf, ...allOf, ...(not ? [not] : [])].some(asksCode)

/** The same as a configuration of the gateway. */
export const asConfig = ({ issuers, routes, deadline = 5 }: LambdaOptions): GatewayConfig => ({
  listen: [],
  issuers,
  routes,
  deadline,
})
