import { createHash } from 'node:crypto'
import { Refusal, tell, type HeaderField, type Principal } from '@portcullis/core'
import { compile } from '../compile.ts'
import { plainField, type PlainField } from '../identity/plain.ts'
import { canonicalPath } from '../routing/path.ts'
import type { Route } from '../routing/route.ts'
import type { AuthorizerContext, AuthorizerEvent, PolicyAnswer, SimpleAnswer } from './events.ts'
import { codeOf, judge, type Judgement } from './judge.ts'
import { asConfig, readOptions, type LambdaDecision, type LambdaOptions } from './options.ts'
import { writeOne, writePolicy } from './policy.ts'
import { readEvent, type Asked } from './read.ts'
import { checkSayable, createRouteMap, type RouteMap } from './routes.ts'

/** The handler of a Lambda authorizer. */
export type LambdaAuthorizer = (event: AuthorizerEvent) => Promise<PolicyAnswer | SimpleAnswer>

/** What was found out about one request. */
interface Finding {
  readonly asked: Asked
  readonly route: Route | undefined
  /** Of every route, in their order; of the one that decides alone where nothing is remembered. */
  readonly judgements: readonly (Judgement | undefined)[]
  readonly own: Judgement | undefined
  /** For the integration; absent where a claim cannot be told to it. */
  readonly told: AuthorizerContext | undefined
  /** Whether the path has more than one reading. */
  readonly isAmbiguous: boolean
}

/**
 * Makes the handler of an authorizer for AWS API Gateway: REST APIs (TOKEN and REQUEST) and HTTP APIs (1.0
 * and 2.0). Wrong options throw a `ConfigurationError` here. Make it once, outside of the handler.
 *
 * @example
 * export const handler = createLambdaAuthorizer({
 *   issuers: [{ id: 'main', issuer: 'https://id.example.com', audience: 'https://api.example.com' }],
 *   routes: [{ path: '/orders/**', rules: { scopes: ['orders:read'] } }],
 * })
 */
export function createLambdaAuthorizer(options: LambdaOptions): LambdaAuthorizer {
  const { ttl = 300, response = 'policy', onAnswer, context = usualContext } = readOptions(options)
  const { fetch, now, constraints, rules } = options
  const { table, deadline } = compile(asConfig(options), {
    ...(fetch && { fetch }),
    ...(now && { now }),
    ...(constraints && { constraints }),
    ...(rules && { rules }),
  })
  const map = createRouteMap(options.routes, options.resources)
  if (ttl > 0 && response === 'policy') checkSayable(map, options.routes)
  const fields = Object.entries(context).map(([name, path]) => plainField(name, path))

  const find = async (asked: Asked): Promise<Finding> => {
    const { arn, request } = asked
    const path = canonicalPath(arn.path)
    // What is remembered goes by the words of a policy, which tell cases apart.
    const isAmbiguous = path === undefined || (ttl === 0 && table.slipsPast(arn.method, '', path))
    const route = path === undefined || isAmbiguous ? undefined : table.find(arn.method, '', path)
    const judgements = await Promise.all(
      table.routes.map((one) =>
        ttl > 0 || one === route ? judge(one, request, deadline) : Promise.resolve(undefined),
      ),
    )
    const told = contextOf(fields, principalOf(judgements))
    const own = route && judgements[table.routes.indexOf(route)]
    return { asked, route, judgements, own, told, isAmbiguous }
  }

  const answer = (finding: Finding): PolicyAnswer | SimpleAnswer => {
    const { asked, judgements, told } = finding
    if (ttl > 0) checkSources(asked)
    const mayCall = judgements.map((one) => told !== undefined && one?.passes === true)
    const mayPass = passes(finding)
    if (response === 'simple') {
      checkSimple(asked, ttl, map, mayCall)
      return { isAuthorized: mayPass, context: told ?? {} }
    }
    const permitted = ttl > 0 ? map.permitted(mayCall) : undefined
    return {
      principalId: principalId(principalOf(judgements)),
      policyDocument: permitted ? writePolicy(asked.arn, permitted) : writeOne(asked.arn, mayPass),
      context: told ?? {},
    }
  }

  return async (event) => {
    const asked = readEvent(event)
    let finding: Finding
    try {
      finding = await find(asked)
    } catch (error) {
      tell(onAnswer, { outcome: 'unavailable', route: undefined, code: codeOf(error) })
      throw new Error('Unavailable', { cause: error })
    }
    tell(onAnswer, decisionOf(finding))
    const { own } = finding
    // The one message that API Gateway turns into a 401.
    if (own?.passes === false && own.refusal.status !== 403) throw new Error('Unauthorized')
    return answer(finding)
  }
}

const usualContext = { sub: 'sub', client_id: 'client_id', scope: 'scope', iss: 'iss' }

const passes = ({ own, told }: Finding): boolean => own?.passes === true && told !== undefined

const decisionOf = (finding: Finding): LambdaDecision => ({
  outcome: passes(finding) ? 'allowed' : 'refused',
  route: finding.route?.id,
  code: passes(finding) ? undefined : reasonOf(finding),
})

function reasonOf({ own, isAmbiguous }: Finding): string {
  if (own === undefined) return isAmbiguous ? 'path_ambiguous' : 'route_unknown'
  return own.passes ? 'claim_refused' : own.refusal.code
}

// The token is the same for every route, and so is whoever it names.
const principalOf = (judgements: readonly (Judgement | undefined)[]): Principal | undefined =>
  judgements.flatMap((one) => (one?.passes === true ? (one.principal ?? []) : []))[0]

/** Nothing where a claim cannot be told to the integration. */
function contextOf(
  fields: readonly PlainField[],
  principal: Principal | undefined,
): AuthorizerContext | undefined {
  if (principal === undefined) return {}
  try {
    return Object.fromEntries(fields.map((write): HeaderField => write(principal)))
  } catch (error) {
    if (Refusal.is(error)) return undefined
    throw error
  }
}

/** Safe for logs and templates: what is not plain is hashed. */
function principalId(principal: Principal | undefined): string {
  const name = principal?.subject ?? principal?.client
  if (name === undefined) return 'anonymous'
  return /^[\w.@:|+-]{1,128}$/.test(name)
    ? name
    : createHash('sha256').update(name).digest('base64url')
}

// What is remembered under anything but the credential would be the next caller's answer.
function checkSources({ simple, request }: Asked): void {
  const credential = request.header('authorization')
  if (simple === undefined || simple.sources.length === 0 || credential === undefined) return
  if (!simple.sources.includes(credential)) {
    throw new TypeError(
      'answers are remembered without the token: put $request.header.Authorization among the identity sources, or set a ttl of 0',
    )
  }
}

// A simple answer is remembered for everything that has the same identity sources.
function checkSimple(
  { simple, arn }: Asked,
  ttl: number,
  map: RouteMap,
  mayCall: readonly boolean[],
): void {
  if (simple === undefined) {
    throw new TypeError('simple responses are for HTTP APIs with payload format 2.0')
  }
  if (ttl === 0) return
  if (!simple.sources.includes(simple.routeKey)) {
    throw new TypeError(
      'simple responses need $context.routeKey among the identity sources, or a ttl of 0',
    )
  }
  if (!map.isUniform(simple.routeKey, arn.method, mayCall)) {
    throw new TypeError(
      'lambda.routes decide differently within one route of the API: use policies, or a ttl of 0',
    )
  }
}
