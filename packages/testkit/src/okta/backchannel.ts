import { readScopes } from './access-policy.ts'
import type { OktaApp } from './apps.ts'
import { identify, invalidClient } from './client-authentication.ts'
import { createWaiting } from './device.ts'
import { grants } from './grants.ts'
import type { Org, Waiting } from './org.ts'
import type { Person } from './people.ts'
import type { Prompt } from './phone.ts'
import type { Server } from './servers.ts'
import { isAssigned } from './verify.ts'
import { noStore, oauthError, randomText, type Answer, type Call } from './wire.ts'

/** `POST /v1/bc/authorize`: asks somebody's phone, without a browser. */
export async function startBackchannel(org: Org, server: Server, call: Call): Promise<Answer> {
  const app = await identify(org, call)
  checkApp(app)
  const { form } = call
  const person = readHint(org, app, form)
  const scopes = readScopes(server, app, form.get('scope'))
  if (!scopes.includes('openid')) {
    throw oauthError(
      400,
      'invalid_scope',
      "The Client-Initiated Backchannel Authentication Flow must contain 'openid' scope.",
    )
  }
  const seconds = readExpiry(form.get('request_expiry'))
  const prompt = org.reach(person).push(false)
  const expiresAt = org.now() + seconds * 1000
  const id = randomText(43)
  const waiting = { ...createWaiting(), decision: decisionOf(org, person, prompt) }
  org.backchannel.put(id, { ...waiting, server, app, scopes, expiresAt }, seconds * 2)
  const body = { auth_req_id: id, expires_in: seconds, interval: org.settings.pollInterval }
  return { status: 200, headers: noStore, body }
}

function checkApp(app: OktaApp): void {
  if (app.applicationType !== 'web') {
    throw oauthError(
      400,
      'access_denied',
      'The Client-Initiated Backchannel Authentication Flow currently only supports web applications.',
    )
  }
  if (!app.grantTypes.includes(grants.ciba)) {
    throw invalidClient(
      "The client doesn't have the 'urn:openid:params:grant-type:ciba' grant type configured.",
    )
  }
}

function readHint(org: Org, app: OktaApp, form: URLSearchParams): Person {
  const login = form.get('login_hint')
  const idToken = form.get('id_token_hint')
  if ((login === null) === (idToken === null)) {
    throw invalid(
      "The Client-Initiated Backchannel Authentication Flow must contain only one of 'id_token_hint' or 'login_hint'.",
    )
  }
  const person =
    login === null
      ? org.tokens.find(idToken ?? '')?.subject.authentication?.person
      : org.findPerson(login)
  if (person !== undefined && isAssigned(app, person)) return person
  throw invalid('The hint provided in the request did not match a user assigned to the client app.')
}

function readExpiry(text: string | null): number {
  const seconds = Number(text ?? 300)
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 300) return seconds
  throw invalid("The 'request_expiry' parameter must be between 1 and 300.")
}

const decisionOf = (org: Org, person: Person, prompt: Prompt): Waiting['decision'] => {
  return () => {
    if (prompt.answer === 'REJECTED') return 'refused'
    if (prompt.answer !== 'APPROVED') return undefined
    return { person, at: org.now(), factors: ['push'] }
  }
}

const invalid = (description: string) => oauthError(400, 'invalid_request', description)
