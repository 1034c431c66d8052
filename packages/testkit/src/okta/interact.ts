import { evaluate, readScopes } from './access-policy.ts'
import { isRegistered } from './apps.ts'
import { identify } from './client-authentication.ts'
import { grants } from './grants.ts'
import type { FactorKind } from './options.ts'
import type { Org } from './org.ts'
import type { Person } from './people.ts'
import type { Server } from './servers.ts'
import { checkOnce } from './token/endpoint.ts'
import { need } from './token/grant.ts'
import { checkEngine, checkSwitches } from './token/switches.ts'
import { assess, canSignIn, isAssigned, meetAcr } from './verify.ts'
import { noStore, oauthError, randomText, type Answer, type Call } from './wire.ts'

/** `POST /v1/interact`: begins what the pages of an application go on with. */
export async function interact(org: Org, server: Server, call: Call): Promise<Answer> {
  const { form } = call
  checkOnce(form)
  checkEngine(org)
  const app = await identify(org, call)
  checkSwitches(server, app, grants.interactionCode)
  const challenge = form.get('code_challenge')
  if (challenge === null || form.get('code_challenge_method') !== 'S256') {
    throw invalid('PKCE code challenge is required to use the interaction code flow.')
  }
  if (!isRegistered(need(form, 'redirect_uri'), app.redirectUris)) {
    throw invalid(
      "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
    )
  }
  const handle = randomText(43)
  const scopes = readScopes(server, app, form.get('scope'))
  const [nonce, acrValues] = [form.get('nonce') ?? undefined, form.get('acr_values') ?? undefined]
  org.interactions.put(handle, { server, app, scopes, challenge, nonce, acrValues }, 3600)
  return { status: 200, headers: noStore, body: { interaction_handle: handle } }
}

/** Ends an interaction as the widget would, after somebody has proven these factors: the code. */
export function completeInteraction(
  org: Org,
  handle: string,
  person: Person,
  factors: readonly FactorKind[],
): string {
  const begun = org.interactions.get(handle)
  if (begun === undefined) throw new Error('there is no such interaction, or it is over')
  const { app, server, scopes, acrValues } = begun
  const { acr, isMet } = meetAcr(acrValues, factors, person.factors.length)
  if (
    !canSignIn(person) ||
    !isAssigned(app, person) ||
    assess(app, factors) !== 'satisfied' ||
    !isMet
  ) {
    throw new Error(`the policy does not let ${person.name} in with ${factors.join(', ')}`)
  }
  evaluate({ server, app, person, grantType: grants.interactionCode, scopes })
  org.interactions.take(handle)
  const code = randomText(43)
  const authentication = { person, at: org.now(), factors }
  org.interactionCodes.put(code, { ...begun, authentication, acr }, 300)
  return code
}

const invalid = (description: string) => oauthError(400, 'invalid_request', description)
