import type { IdentityProvider } from '../identity-providers.ts'
import type { Org } from '../org.ts'
import { upstreamPage } from '../pages.ts'
import type { Authentication } from '../sessions.ts'
import { canSignIn } from '../verify.ts'
import { oauthError, randomText, type Answer, type Call, type Refusal } from '../wire.ts'
import { goOn } from './login.ts'
import { asPage, orRedirect } from './refusals.ts'
import { invalid, readDestination, readRequest } from './request.ts'

export const isProviderOf = (org: Org, id: string): boolean => org.identityProviders.has(id)

export const unknownProvider = (): Refusal => invalid('Identity provider is not valid.')

/** Sends a browser to the identity provider that the client asked for. */
export function goUpstream(
  org: Org,
  login: string,
  id: string,
  parameters: URLSearchParams,
): Answer {
  const provider = org.identityProviders.get(id)
  if (provider === undefined) throw unknownProvider()
  const more = (parameters.get('idp_scope') ?? '').split(' ').filter(Boolean)
  const url = new URL(`${org.origin}/upstream/${id}/authorize`)
  url.searchParams.set('redirect_uri', callbackOf(org))
  url.searchParams.set('scope', [...new Set([...provider.scopes, ...more])].join(' '))
  url.searchParams.set('state', login)
  for (const name of ['login_hint', 'display']) {
    const value = parameters.get(name)
    if (value !== null) url.searchParams.set(name, value)
  }
  return { status: 302, headers: { Location: url.href } }
}

const callbackOf = ({ origin }: Org): string => `${origin}/oauth2/v1/authorize/callback`

/** `GET /upstream/{id}/authorize`: the page of the provider, where a name is enough. */
export function showUpstream(org: Org, call: Call): Answer {
  const provider = org.identityProviders.get(call.path['id'] ?? '')
  if (provider === undefined) return asPage(unknownProvider())
  const { searchParams } = call.url
  return {
    status: 200,
    body: upstreamPage({
      name: provider.name,
      action: call.url.pathname + call.url.search,
      scope: searchParams.get('scope') ?? '',
      username: searchParams.get('login_hint') ?? '',
    }),
  }
}

/** `POST /upstream/{id}/authorize`: somebody says who they are, or goes away. */
export function upstream(org: Org, call: Call): Answer {
  const provider = org.identityProviders.get(call.path['id'] ?? '')
  if (provider === undefined) return asPage(unknownProvider())
  const url = new URL(callbackOf(org))
  url.searchParams.set('state', call.url.searchParams.get('state') ?? '')
  if (call.form.get('answer') === 'cancel') url.searchParams.set('error', 'access_denied')
  else url.searchParams.set('code', codeFor(org, provider, call.form.get('username') ?? ''))
  return { status: 302, headers: { Location: url.href } }
}

function codeFor(org: Org, provider: IdentityProvider, username: string): string {
  const code = randomText(32)
  org.upstream.put(code, { provider, username }, 300)
  return code
}

/** `GET /oauth2/v1/authorize/callback`: somebody comes back from a provider. */
export async function comeBack(org: Org, { url: { searchParams } }: Call): Promise<Answer> {
  const id = searchParams.get('state') ?? ''
  const pending = org.logins.get(id)
  if (pending === undefined) {
    return asPage(oauthError(403, 'access_denied', 'Social transaction expired.'))
  }
  const destination = readDestination(org, pending.parameters)
  return orRedirect(destination, () => {
    const request = readRequest(pending.server, destination, pending.parameters)
    const authentication = arrived(org, request.idp, searchParams.get('code'))
    return goOn(org, id, pending, request, authentication)
  })
}

function arrived(org: Org, idp: string | undefined, code: string | null): Authentication {
  const account = org.upstream.take(code)
  if (account === undefined || account.provider.id !== idp) {
    throw denied('User canceled the social login request.')
  }
  const { provider, username } = account
  const person = org.findPerson(username)
  if (person === undefined) throw denied('User creation was disabled.')
  if (!(provider.users?.includes(person.name) ?? true)) throw denied('User linking was disabled.')
  if (!canSignIn(person)) {
    throw denied('The resource owner or authorization server denied the request.')
  }
  return { person, at: org.now(), factors: [], idp: provider.id }
}

const denied = (description: string): Refusal => oauthError(403, 'access_denied', description)
