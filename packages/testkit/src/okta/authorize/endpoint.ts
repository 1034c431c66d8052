import type { Org } from '../org.ts'
import type { Server } from '../servers.ts'
import type { Session } from '../sessions.ts'
import { oauthError, randomText, type Answer, type Call, type Refusal } from '../wire.ts'
import { loginPage } from '../pages.ts'
import { goUpstream, isProviderOf, unknownProvider } from './social.ts'
import { sessionOf, startSession } from '../cookies.ts'
import { grantAccess, isEnough } from './grant-access.ts'
import { nextPage } from './login.ts'
import { gather } from './parameters.ts'
import { asPage, orRedirect } from './refusals.ts'
import { readDestination, readRequest, type AuthorizeRequest } from './request.ts'

/** `GET` and `POST /v1/authorize`: a browser comes with a client's request. */
export async function authorize(org: Org, server: Server, call: Call): Promise<Answer> {
  const sent = call.method === 'POST' ? call.form : call.url.searchParams
  try {
    const parameters = await gather(org, server, sent)
    const destination = readDestination(org, parameters)
    return await orRedirect(destination, () => {
      const request = readRequest(server, destination, parameters)
      return enter(org, request, parameters, call)
    })
  } catch (error) {
    return asPage(error)
  }
}

async function enter(
  org: Org,
  request: AuthorizeRequest,
  parameters: URLSearchParams,
  call: Call,
): Promise<Answer> {
  const { session, headers } = sessionFor(org, parameters, call)
  if (session !== undefined && !mustSignIn(org, request, session)) {
    if (isEnough(org, request, session.authentication)) {
      const answer = await grantAccess(org, request, session)
      return { ...answer, headers: { ...answer.headers, ...headers } }
    }
  }
  if (request.idp !== undefined && !isProviderOf(org, request.idp)) throw unknownProvider()
  if (request.prompts.has('none')) throw loginRequired(session)
  return showLogin(org, request, parameters, session)
}

function sessionFor(
  org: Org,
  parameters: URLSearchParams,
  call: Call,
): { session: Session | undefined; headers: object } {
  const carried = parameters.get('interclient_token')
  if (carried !== null) return carriedOver(org, parameters, carried)
  const session = sessionOf(org, call)
  const token = parameters.get('sessionToken')
  // Classic Engine: a session that is there goes before a token that would make one.
  if (token === null || (session !== undefined && !org.settings.identityEngine)) {
    return { session, headers: {} }
  }
  const authentication = org.sessions.redeem(token)
  if (authentication === undefined) return { session, headers: {} }
  return startSession(org, authentication)
}

// From a native app to a page (§3.9.3): the same person, in a session of this browser.
function carriedOver(org: Org, parameters: URLSearchParams, token: string) {
  const carried = org.interclient.take(token)
  if (carried === undefined || carried.target.clientId !== parameters.get('client_id')) {
    throw oauthError(400, 'one_time_sso_token_replayed', 'The interclient token was used already.')
  }
  return startSession(org, carried.session.authentication)
}

function mustSignIn(org: Org, { prompts, maxAge }: AuthorizeRequest, session: Session): boolean {
  if (prompts.has('login')) return true
  if (maxAge === undefined) return false
  return maxAge === 0 || org.now() - session.authentication.at > maxAge * 1000
}

const loginRequired = (session: Session | undefined): Refusal =>
  oauthError(
    400,
    'login_required',
    session === undefined
      ? 'The client specified not to prompt, but the user is not logged in.'
      : 'The client specified not to prompt, but the client app requires re-authentication or MFA.',
  )

function showLogin(
  org: Org,
  request: AuthorizeRequest,
  parameters: URLSearchParams,
  session: Session | undefined,
): Answer {
  const id = randomText(20)
  const mustRepeat = session === undefined || mustSignIn(org, request, session)
  const authentication = mustRepeat ? undefined : session.authentication
  const login = { server: request.server, parameters, authentication, challenge: undefined }
  org.logins.put(id, login, 3600)
  if (authentication !== undefined) return nextPage(org, id, login, request)
  if (session === undefined && request.idp !== undefined)
    return goUpstream(org, id, request.idp, parameters)
  const hint = parameters.get('login_hint') ?? ''
  return { status: 200, body: loginPage(`/login/${id}`, hint) }
}
