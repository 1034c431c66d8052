import type {
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestListener,
  ServerResponse,
} from 'node:http'
import type { FaultSwitches } from '../server/faults.ts'
import type { RequestCounter } from '../server/requests.ts'
import { readCall } from './call.ts'
import { corsHeaders, preflight } from './cors.ts'
import type { Allowance } from './limits.ts'
import type { OktaState } from './state.ts'
import {
  notFound,
  oktaError,
  randomText,
  Refusal,
  type Answer,
  type Call,
  type Exchange,
  type OktaEndpoint,
  type Route,
} from './wire.ts'

/** What stands before the doors. */
export interface Front {
  readonly state: OktaState
  readonly routes: readonly Route[]
  readonly requests: RequestCounter<OktaEndpoint>
  readonly faults: FaultSwitches<OktaEndpoint>
  readonly onExchange: ((exchange: Exchange) => void) | undefined
  readonly errors: unknown[]
}

export function createFront(front: Front): RequestListener {
  return (request, response) => {
    pass(front, request, response).catch((error: unknown) => {
      front.errors.push(error)
      response.destroy()
    })
  }
}

interface Found {
  readonly route: Route
  readonly path: Readonly<Record<string, string>>
}

async function pass(
  front: Front,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', front.state.origin)
  const there = matches(front.routes, url.pathname)
  const found = there.find(({ route }) => route.method === request.method)
  const endpoint = (found ?? there[0])?.route.endpoint ?? 'other'
  front.requests.add(endpoint)
  if (!(await front.faults.meet(endpoint, request, response))) return
  const call = await readCall(request, url, found?.path ?? {})
  const answer = await answerFor(front, call, there, found)
  send(front, endpoint, call, { answer, response })
}

const matches = (routes: readonly Route[], pathname: string): readonly Found[] =>
  routes.flatMap((route) => {
    const match = route.path.exec(pathname)
    return match === null ? [] : [{ route, path: { ...match.groups } }]
  })

async function answerFor(
  front: Front,
  call: Call,
  there: readonly Found[],
  found: Found | undefined,
): Promise<Answer> {
  const { state } = front
  if (call.method === 'OPTIONS' && there.some(({ route }) => route.hasCors)) {
    return preflight(state, call, there)
  }
  if (found === undefined) return unknown(call, there)
  const cors = found.route.hasCors ? corsHeaders(state, call) : {}
  const answer = await limited(front, call, found.route)
  return { ...answer, headers: { ...cors, ...answer.headers } }
}

function unknown({ url }: Call, there: readonly Found[]): Answer {
  if (there.length === 0) return notFound(url.pathname, 'Resource').answer
  const text = 'The endpoint does not support the provided HTTP method'
  return oktaError(405, 'E0000022', text).answer
}

async function limited(front: Front, call: Call, route: Route): Promise<Answer> {
  if (call.method === 'POST' && !hasLength(call)) return { status: 411, body: '' }
  if (route.isLimited === false) return settled(front, call, route)
  const allowance = front.state.limits.take(route.endpoint)
  const answer = allowance.isAllowed ? await settled(front, call, route) : exceeded()
  return { ...answer, headers: { ...rateHeaders(allowance), ...answer.headers } }
}

// What the edge wants before anybody reads the request; a form endpoint wants a form too.
function hasLength({ headers, url, body }: Call): boolean {
  const isNamed =
    headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
  return isNamed && (body !== '' || !url.pathname.startsWith('/oauth2/'))
}

async function settled({ errors }: Front, call: Call, route: Route): Promise<Answer> {
  try {
    return await route.answer(call)
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    errors.push(error)
    return oktaError(500, 'E0000009', 'Internal Server Error').answer
  }
}

const exceeded = (): Answer =>
  oktaError(429, 'E0000047', 'API call exceeded rate limit due to too many requests.').answer

const rateHeaders = ({ limit, remaining, reset }: Allowance): OutgoingHttpHeaders => ({
  'X-Rate-Limit-Limit': String(limit),
  'X-Rate-Limit-Remaining': String(remaining),
  'X-Rate-Limit-Reset': String(reset),
})

function send(
  front: Front,
  endpoint: OktaEndpoint,
  call: Call,
  { answer, response }: { readonly answer: Answer; readonly response: ServerResponse },
): void {
  const { status, body = '' } = answer
  const isText = typeof body === 'string'
  const text = isText ? body : JSON.stringify(body)
  const type = isText ? 'text/html; charset=utf-8' : 'application/json'
  const headers = {
    ...(text !== '' && { 'Content-Type': type }),
    'X-Okta-Request-Id': randomText(27),
    ...answer.headers,
  }
  front.onExchange?.({
    endpoint,
    method: call.method,
    url: call.url.href,
    headers: call.headers,
    body: call.body,
    status,
    answerHeaders: headers,
    answer: text,
  })
  response.writeHead(status, headers).end(text)
}
