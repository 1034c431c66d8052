import type { OktaApp } from '../apps.ts'
import { identify } from '../client-authentication.ts'
import { grants, mfaGrants } from '../grants.ts'
import type { Org } from '../org.ts'
import type { Server } from '../servers.ts'
import { assess, canSignIn, isAssigned, meetAcr } from '../verify.ts'
import { oauthError, noStore, type Answer, type Call } from '../wire.ts'
import { checkEngine, checkSwitches } from '../token/switches.ts'
import { checkRate, hinted } from '../token/people.ts'
import { need } from '../token/grant.ts'
import { kindsOf } from './conclude.ts'
import { readChannel, startOob, startWebauthn } from './start.ts'
import { checkOrigin, hasExpired, type MfaTransaction } from './transactions.ts'

/** `POST /v1/primary-authenticate`: begins a login with one out-of-band factor, or with a passkey. */
export async function primaryAuthenticate(org: Org, server: Server, call: Call): Promise<Answer> {
  checkEngine(org)
  const app = await identify(org, call)
  const { form } = call
  const hint = need(form, 'challenge_hint')
  if (hint !== grants.oob && hint !== grants.webauthn) {
    throw oauthError(
      400,
      'invalid_request',
      `'${hint}' is not supported as a 'challenge_hint'. Try again with another value.`,
    )
  }
  if (hint === grants.oob) return oobStart(org, server, app, form)
  if (form.has('mfa_token')) {
    checkSwitches(server, app, grants.mfaWebauthn)
    const mfa = transactionOf(org, server, app, form)
    const { person } = mfa.authentication
    return ok(startWebauthn(org, { server, app, person, mfa }))
  }
  checkSwitches(server, app, hint)
  const login = form.get('login_hint')
  const person = login === null ? undefined : hinted({ org }, login)
  return ok(startWebauthn(org, { server, app, person }))
}

/** `POST /v1/oob-authenticate`: the older name, without a hint of the kind of challenge. */
export async function oobAuthenticate(org: Org, server: Server, call: Call): Promise<Answer> {
  checkEngine(org)
  return oobStart(org, server, await identify(org, call), call.form)
}

function oobStart(org: Org, server: Server, app: OktaApp, form: URLSearchParams): Answer {
  checkSwitches(server, app, grants.oob)
  if (form.has('scope')) {
    throw oauthError(
      400,
      'invalid_scope',
      "The 'scope' parameter is unsupported on this endpoint. Try again without this parameter.",
    )
  }
  const login = form.get('login_hint')
  if (login === null || login === '') {
    throw oauthError(400, 'invalid_request', "A 'login_hint' is required for the request.")
  }
  const channel = readChannel(org, form)
  checkRate({ org }, login)
  const found = hinted({ org }, login)
  if (found !== undefined && !isAssigned(app, found)) {
    throw oauthError(400, 'access_denied', 'User is not assigned to the client application.')
  }
  const person = found !== undefined && canSignIn(found) ? found : undefined
  const acr = form.get('acr_values') ?? ''
  return ok(startOob(org, { server, app, person, channel, acr }))
}

/** `POST /v1/challenge`: begins the next factor of a login that has passed one. */
export async function challenge(org: Org, server: Server, call: Call): Promise<Answer> {
  checkEngine(org)
  const app = await identify(org, call)
  const { form } = call
  const mfa = transactionOf(org, server, app, form)
  checkNeeded(app, mfa)
  const type = chooseType(app, form)
  checkSwitches(server, app, type)
  const { person } = mfa.authentication
  checkRate({ org }, person.login)
  if (type === grants.mfaOtp) return otpStart(org, mfa)
  if (type === grants.mfaWebauthn) return ok(startWebauthn(org, { server, app, person, mfa }))
  const channel = readChannel(org, form)
  const started = startOob(org, { server, app, person, channel, acr: mfa.acr, mfa })
  return ok({ challenge_type: type, ...started })
}

function transactionOf(
  org: Org,
  server: Server,
  app: OktaApp,
  form: URLSearchParams,
): MfaTransaction {
  const mfa = org.mfa.get(need(form, 'mfa_token'))
  if (mfa === undefined) throw hasExpired('mfa_token')
  checkOrigin(mfa, { server, app })
  return mfa
}

// The policy may have changed since the first factor.
function checkNeeded(app: OktaApp, { authentication, acr }: MfaTransaction): void {
  const { factors, person } = authentication
  const isEnough = assess(app, factors) === 'satisfied'
  if (!isEnough || !meetAcr(acr, factors, person.factors.length).isMet) return
  throw oauthError(
    403,
    'access_denied',
    'The user is not challenged for any authenticators by the current policy.',
  )
}

/** The first of the client's types that the app has; all of the app's, where it names none. */
function chooseType(app: OktaApp, form: URLSearchParams): string {
  const text = form.get('challenge_types_supported') ?? ''
  const named = text.split(' ').filter((name) => name !== '')
  const unknown = named.find((name) => !mfaGrants.includes(name))
  if (unknown !== undefined) {
    throw oauthError(
      400,
      'invalid_request',
      `${unknown} is not supported as a 'challenge_type'. Try again with another value.`,
    )
  }
  const wanted = named.length > 0 ? named : byChannel(form)
  return wanted.find((type) => app.grantTypes.includes(type)) ?? wanted[0] ?? grants.mfaOtp
}

const byChannel = (form: URLSearchParams): readonly string[] =>
  form.has('channel_hint') ? [grants.mfaOob] : mfaGrants

function otpStart(org: Org, { authentication }: MfaTransaction): Answer {
  const { person } = authentication
  const kinds = kindsOf[grants.mfaOtp] ?? []
  if (!kinds.some((kind) => org.usable(person, kind))) {
    throw oauthError(
      403,
      'access_denied',
      'The required authenticator cannot be used. Check if it is required by policy and the user is enrolled in the authenticator and try again.',
    )
  }
  return ok({ challenge_type: grants.mfaOtp })
}

const ok = (body: object): Answer => ({ status: 200, headers: noStore, body })
