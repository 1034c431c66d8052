import type { FactorKind } from '../options.ts'
import type { Org, PendingLogin } from '../org.ts'
import { useCode } from '../people.ts'
import type { Authentication } from '../sessions.ts'
import { startSession } from '../cookies.ts'
import { codePage, loginPage, pushPage } from '../pages.ts'
import { checkPassword, counted } from '../verify.ts'
import { oauthError, type Answer, type Call } from '../wire.ts'
import { grantAccess, isEnough } from './grant-access.ts'
import { asPage, orRedirect } from './refusals.ts'
import { invalid, readDestination, readRequest, type AuthorizeRequest } from './request.ts'

/** `POST /login/{id}`: what a person typed on a page. */
export async function login(org: Org, call: Call): Promise<Answer> {
  const id = call.path['id'] ?? ''
  const pending = org.logins.get(id)
  if (pending === undefined)
    return asPage(invalid('Request expired, please start over and try again.'))
  const destination = readDestination(org, pending.parameters)
  return orRedirect(destination, () => {
    const request = readRequest(pending.server, destination, pending.parameters)
    return pending.authentication === undefined
      ? firstFactor(org, id, pending, request, call.form)
      : secondFactor(org, id, pending, request, call.form)
  })
}

function firstFactor(
  org: Org,
  id: string,
  pending: PendingLogin,
  request: AuthorizeRequest,
  form: URLSearchParams,
): Answer | Promise<Answer> {
  const name = form.get('username') ?? ''
  const person = checkPassword(org, name, form.get('password') ?? '')
  if (person === undefined) {
    return { status: 200, body: loginPage(`/login/${id}`, name, 'Unable to sign in') }
  }
  const authentication: Authentication = { person, at: org.now(), factors: ['password'] }
  return goOn(org, id, pending, request, authentication)
}

/** Goes on with whoever somebody has proven to be so far. */
export function goOn(
  org: Org,
  id: string,
  pending: PendingLogin,
  request: AuthorizeRequest,
  authentication: Authentication,
): Answer | Promise<Answer> {
  pending.authentication = authentication
  pending.challenge = undefined
  if (!isEnough(org, request, authentication)) return nextPage(org, id, pending, request)
  org.logins.take(id)
  return finish(org, request, authentication)
}

async function finish(
  org: Org,
  request: AuthorizeRequest,
  authentication: Authentication,
): Promise<Answer> {
  const { session, headers } = startSession(org, authentication)
  const answer = await grantAccess(org, request, session)
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

// In the order in which the page offers them: the first one that the user has.
const seconds: readonly FactorKind[] = ['totp', 'google_otp', 'sms', 'email', 'push']

/** The page for the next factor; refuses where the user has none that is left. */
export function nextPage(
  org: Org,
  id: string,
  pending: PendingLogin,
  request: AuthorizeRequest,
  error?: string,
): Answer {
  const kind = kindFor(org, pending, request)
  const action = `/login/${id}`
  const { authentication } = pending
  if (authentication === undefined || kind === undefined) {
    throw oauthError(
      400,
      'unmet_authentication_requirements',
      "Unable to meet the authentication requirements imposed by 'acr_values' parameter.",
    )
  }
  const reach = org.reach(authentication.person)
  if (kind === 'push') {
    const prompt = pending.challenge?.prompt ?? reach.push(org.settings.numberChallenge)
    pending.challenge = { prompt }
    return { status: 200, body: pushPage(action, prompt.number, error) }
  }
  if (kind === 'sms' || kind === 'email') {
    pending.challenge ??= { code: reach.send(kind).code }
    return { status: 200, body: codePage(action, `sent by ${kind}`, error) }
  }
  return { status: 200, body: codePage(action, 'of your authenticator app', error) }
}

function kindFor(
  org: Org,
  { authentication }: PendingLogin,
  { app }: AuthorizeRequest,
): FactorKind | undefined {
  if (authentication === undefined) return undefined
  const { person, factors } = authentication
  return seconds.find(
    (kind) =>
      org.usable(person, kind) !== undefined &&
      !factors.includes(kind) &&
      (app.factors?.includes(kind) ?? true),
  )
}

function secondFactor(
  org: Org,
  id: string,
  pending: PendingLogin,
  request: AuthorizeRequest,
  form: URLSearchParams,
): Answer | Promise<Answer> {
  const kind = kindFor(org, pending, request)
  const { authentication, challenge } = pending
  if (kind === undefined || authentication === undefined) return nextPage(org, id, pending, request)
  const { person, factors } = authentication
  if (kind === 'push' && challenge?.prompt?.answer === 'WAITING') {
    return nextPage(org, id, pending, request, 'The prompt still waits for your answer.')
  }
  if (!counted(org, person, isProven(org, kind, pending, form.get('code') ?? ''))) {
    pending.challenge = kind === 'push' ? undefined : challenge
    return nextPage(org, id, pending, request, 'Your answer doesn’t match. Try again.')
  }
  return goOn(org, id, pending, request, { ...authentication, factors: [...factors, kind] })
}

function isProven(
  org: Org,
  kind: FactorKind,
  { authentication, challenge }: PendingLogin,
  code: string,
): boolean {
  if (kind === 'push') return challenge?.prompt?.answer === 'APPROVED'
  if (kind === 'sms' || kind === 'email') return code !== '' && challenge?.code === code
  const factor = authentication && org.usable(authentication.person, kind)
  return factor !== undefined && useCode(factor, code, org.now()) === 'right'
}
