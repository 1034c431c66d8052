import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { AccessDenied } from 'oidc-provider/lib/helpers/errors.js'
import { passwordIs } from './accounts.ts'
import { readForm } from './form.ts'
import { grantEverything } from './grant.ts'
import type { Settings, SignIn } from './options.ts'
import { errorPage, loginPage } from './pages.ts'

type BackchannelRequest = Parameters<Provider['backchannelResult']>[0]

export interface People {
  readonly levers: SignIn
  /** The user who is signed in without a person. */
  readonly signedInAs: () => string | undefined
  readonly onBackchannelRequest: (request: Exclude<BackchannelRequest, string>) => Promise<void>
  /** Answers what the browser meets between authorization request and response. */
  readonly meet: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

type Mode = { readonly user: string } | 'page' | 'refuse'

export function createPeople(settings: Settings, provider: () => Provider): People {
  let mode: Mode = initial(settings)
  const signedInAs = () => (typeof mode === 'object' ? mode.user : undefined)
  return {
    levers: {
      as: (user) => {
        mode = { user: known(settings, user) }
      },
      byPage: () => {
        mode = 'page'
      },
      refuse: () => {
        mode = 'refuse'
      },
    },
    signedInAs,
    onBackchannelRequest: async (request) => {
      if (mode === 'refuse') return provider().backchannelResult(request, new AccessDenied())
      if (mode === 'page' || request.accountId === undefined) return
      const asked = { params: request.params ?? {}, accountId: request.accountId }
      await provider().backchannelResult(request, await grantEverything(provider(), asked))
    },
    meet: async (request, response) => {
      try {
        await interact({ settings, provider: provider(), mode, request, response })
      } catch (error) {
        const description = error instanceof Error ? error.message : String(error)
        response.writeHead(400, { 'Content-Type': 'text/html; charset=utf-8' })
        response.end(errorPage('invalid_request', description))
      }
    },
  }
}

function initial(settings: Settings): Mode {
  const { signInAs = Object.keys(settings.users)[0] ?? false } = settings
  return signInAs === false ? 'page' : { user: known(settings, signInAs) }
}

function known({ users }: Settings, user: string): string {
  if (Object.hasOwn(users, user)) return user
  throw new TypeError(`there is no user '${user}', only ${Object.keys(users).join(', ')}`)
}

interface Visit {
  readonly settings: Settings
  readonly provider: Provider
  readonly mode: Mode
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

type Details = Awaited<ReturnType<Provider['interactionDetails']>>

async function interact(visit: Visit): Promise<void> {
  const { provider, mode, request, response } = visit
  const details = await provider.interactionDetails(request, response)
  const { prompt, session } = details
  if (mode === 'refuse') return refuse(visit)
  // Consent is never asked for by page: who signs in agrees.
  if (prompt.name !== 'login' && session !== undefined) {
    return finish(visit, details, session.accountId)
  }
  return mode === 'page' ? showPage(visit, details) : finish(visit, details, mode.user)
}

async function showPage(visit: Visit, details: Details): Promise<void> {
  const { settings, request, response } = visit
  const { params } = details
  const page = { action: request.url ?? '', client: String(params['client_id']) }
  if (request.method !== 'POST') return show(response, loginPage({ ...page, user: hintOf(params) }))
  const form = await readForm(request)
  if (form.get('answer') === 'cancel') return refuse(visit)
  const user = form.get('user') ?? ''
  if (passwordIs(settings, user, form.get('password') ?? '')) return finish(visit, details, user)
  return show(response, loginPage({ ...page, user, error: 'User name or password is wrong.' }), 403)
}

async function finish({ settings, provider, ...exchange }: Visit, details: Details, user: string) {
  const { prompt, session, grantId, params } = details
  const earlier = session?.accountId === user ? grantId : undefined
  const granted = await grantEverything(provider, { params, accountId: user, grantId: earlier })
  const { acr, amr } = settings.users[user] ?? {}
  const login = { accountId: user, ...(acr && { acr }), ...(amr && { amr: [...amr] }) }
  await provider.interactionFinished(exchange.request, exchange.response, {
    consent: { grantId: granted },
    ...(prompt.name === 'login' && { login }),
  })
}

const refuse = ({ provider, request, response }: Visit): Promise<void> =>
  provider.interactionFinished(
    request,
    response,
    { error: 'access_denied', error_description: 'the person said no' },
    { mergeWithLastSubmission: false },
  )

const hintOf = ({ login_hint: hint }: Readonly<Record<string, unknown>>): string | undefined =>
  typeof hint === 'string' ? hint : undefined

function show(response: ServerResponse, html: string, status = 200): void {
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
  })
  response.end(html)
}
