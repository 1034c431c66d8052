import {
  checkOrigin,
  ConfigurationError,
  errorReply,
  notAllowed,
  Outage,
  pathOf,
  type Handler,
  type HeaderField,
  type HttpRequest,
  type Reply,
} from '@portcullis/core'
import type { DirectAnswer } from '../direct/answer.ts'
import { readPosted, wantsJson, type Posted } from './input.ts'
import { directLoginParts, type DirectLoginOptions, type DirectLoginParts } from './options.ts'
import { keepProgress, noProgress, readProgress, type Progress } from './progress.ts'
import { redirected, show } from './show.ts'
import { challenge, isWaiting, poll, resend, start, verify } from './steps.ts'
import { stageOf, viewOf } from './view.ts'

/**
 * Lets users sign in at pages of the application itself, through Okta's direct authentication, into the
 * sessions of a login. Below `path`: the page itself, and `start`, `challenge`, `verify`, `poll`, `resend`
 * and `cancel`, which take forms and JSON. Mount it with `routes`.
 *
 * @example
 * const directLogin = createDirectLogin({ login, direct, baseUrl: 'https://app.example.com' })
 * app.use(routes(directLogin))
 */
export function createDirectLogin(options: DirectLoginOptions): Handler {
  const parts = directLoginParts(options)
  const { root } = parts
  return async (request) => {
    const path = pathOf(request)
    if (path !== root && !path.startsWith(`${root}/`)) return undefined
    const name = path.slice(root.length + 1)
    const methods = path === root ? ['GET', 'HEAD'] : methodsOf.get(name)
    if (methods === undefined) return undefined
    if (!methods.includes(request.method)) return notAllowed(methods)
    try {
      checkOrigin(request, parts.origins)
      return await (path === root ? look(parts, request) : step(parts, request, name))
    } catch (error) {
      return errorReply(error)
    }
  }
}

const acts = { start, challenge, verify, poll, resend }
const isAct = (name: string): name is keyof typeof acts => Object.hasOwn(acts, name)

// A page without scripts can only poll by GET; that ends nothing but what this browser has begun.
const methodsOf: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...Object.keys(acts).map((name) => [name, ['POST']] as const),
  ['cancel', ['POST']],
  ['poll', ['GET', 'POST']],
])

function look(parts: DirectLoginParts, request: HttpRequest): Promise<Reply> {
  const progress = readProgress(parts, request)
  const asked = new URL(request.url).searchParams.get('return_to') ?? undefined
  const returnTo = progress.returnTo ?? asked
  return Promise.resolve(
    show(parts, request, { view: stageOf(progress, parts.now()), returnTo, headers: [] }),
  )
}

async function step(parts: DirectLoginParts, request: HttpRequest, name: string): Promise<Reply> {
  if (!isAct(name)) return cancel(parts, request)
  const { direct, addressOf } = parts.options
  const posted = request.method === 'POST' ? await readPosted(request) : nothing
  const found = readProgress(parts, request)
  // The page of another tab goes on asking by itself: that must not end what has begun since.
  if (name === 'poll' && found.state !== undefined && !isWaiting(found)) return look(parts, request)
  const progress = name === 'start' ? begun(posted) : found
  const address = addressOf?.(request)
  const call = address === undefined ? {} : { address }
  const answer = await acts[name]({ direct, progress, posted, call }).catch((error: unknown) => {
    if (name === 'poll' && Outage.is(error)) return error
    throw error
  })
  return Outage.is(answer)
    ? stillWaiting(parts, request, answer)
    : respond(parts, request, { answer, progress })
}

// The push is out, whatever became of one question: a page without scripts would never ask again.
async function stillWaiting(
  parts: DirectLoginParts,
  request: HttpRequest,
  error: Outage,
): Promise<Reply> {
  const failed = errorReply(error)
  if (wantsJson(request)) return failed
  const page = await look(parts, request)
  const retry = failed.headers.filter(([field]) => field === 'Retry-After')
  return { ...page, status: failed.status, headers: [...page.headers, ...retry] }
}

const nothing: Posted = {
  text: () => undefined,
  needed: () => '',
  assertion: () => ({ authenticatorData: '', clientDataJSON: '', signature: '' }),
}

// It travels in a cookie: what is longer leads to the root of the application.
const begun = (posted: Posted): Progress => {
  const returnTo = posted.text('return_to')
  return { ...noProgress, returnTo: (returnTo?.length ?? 0) > 500 ? undefined : returnTo }
}

function cancel(parts: DirectLoginParts, request: HttpRequest): Reply {
  const headers = [keepProgress(parts, noProgress)]
  if (!wantsJson(request)) return redirected(parts.root, headers)
  return show(parts, request, { view: { status: 'start' }, returnTo: undefined, headers })
}

interface Answered {
  readonly answer: DirectAnswer
  readonly progress: Progress
}

async function respond(
  parts: DirectLoginParts,
  request: HttpRequest,
  { answer, progress }: Answered,
): Promise<Reply> {
  if (answer.status === 'tokens') return enter(parts, request, { answer, progress })
  if (answer.status === 'attested') {
    throw new ConfigurationError('createDirectLogin needs access tokens: not mfaAttestation')
  }
  const after = advance(answer, progress)
  const view = viewOf(answer, after, parts.now())
  const headers = [keepProgress(parts, after)]
  return show(parts, request, { view, returnTo: progress.returnTo, headers })
}

function advance(
  answer: Exclude<DirectAnswer, { readonly status: 'tokens' | 'attested' }>,
  progress: Progress,
): Progress {
  const { state } = answer
  if (answer.status === 'mfa_required') {
    return { ...progress, state, next: answer.next, isChoosing: false }
  }
  // Refused by the user, or not to be had: another one may do.
  const isChoosing =
    answer.status === 'failed' && (answer.retry === 'factor' || progress.isChoosing)
  return { ...progress, state, isChoosing }
}

interface SignedIn extends Answered {
  readonly answer: DirectAnswer & { readonly status: 'tokens' }
}

async function enter(
  parts: DirectLoginParts,
  request: HttpRequest,
  { answer: { tokens, claims }, progress: { returnTo } }: SignedIn,
): Promise<Reply> {
  if (claims === undefined) {
    throw new ConfigurationError('createDirectLogin needs the scope openid in its direct')
  }
  const reply = await parts.options.login.signIn(request, { claims, tokens, returnTo })
  const headers: readonly HeaderField[] = [...reply.headers, keepProgress(parts, noProgress)]
  if (!wantsJson(request)) return { ...reply, headers }
  const location = headers.find(([name]) => name === 'Location')?.[1]
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/json'],
      ...headers.filter(([name]) => name !== 'Location'),
    ],
    body: JSON.stringify({ status: 'signed_in', location }),
  }
}
