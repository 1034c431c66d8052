import { evaluate, readScopes } from '../access-policy.ts'
import type { Org } from '../org.ts'
import type { Person } from '../people.ts'
import { canSignIn } from '../verify.ts'
import { randomText } from '../wire.ts'
import { invalidGrant } from './code.ts'
import { need, type GrantRequest, type TokenBody } from './grant.ts'
import { issue } from './issue.ts'
import { checkAssigned } from './people.ts'

/** §3.9.4: a SAML assertion, in Classic Engine orgs. The emulator takes those that it has made itself. */
export function samlGrant(request: GrantRequest): Promise<TokenBody> {
  const { org, app, server, form, grantType } = request
  const assertion = need(form, 'assertion')
  if (org.settings.identityEngine) {
    throw invalidGrant('SAML Assertion Bearer Grant is not supported by OIE.')
  }
  // Okta's reference says base64, RFC 7522 says base64url: this reads both.
  const person = org.assertions.get(Buffer.from(assertion, 'base64').toString())
  if (person === undefined || !canSignIn(person)) {
    throw invalidGrant("'assertion' is not a valid SAML 2.0 Assertion.")
  }
  checkAssigned(request, person)
  if (app.signOn === 'deny')
    throw invalidGrant('SAML Assertion credentials denied by sign on policy.')
  if (app.signOn !== 'one-factor') {
    throw invalidGrant('SAML Assertion credentials cannot be used with MFA enabled.')
  }
  const scopes = readScopes(server, app, form.get('scope'))
  const rule = evaluate({ server, app, person, grantType, scopes })
  return issue(request, {
    subject: { scopes, authentication: { person, at: org.now(), factors: [] } },
    rule,
  })
}

/** An assertion about a user, as XML: good for five minutes. */
export function samlAssertion(org: Org, person: Person): string {
  const at = (seconds: number) => new Date(org.now() + seconds * 1000).toISOString()
  const xml = `<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID="id${randomText(20)}" IssueInstant="${at(0)}"><saml2:Issuer>https://idp.example.com</saml2:Issuer><saml2:Subject><saml2:NameID>${person.login.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)}</saml2:NameID></saml2:Subject><saml2:Conditions NotOnOrAfter="${at(300)}"/></saml2:Assertion>`
  org.assertions.put(xml, person, 300)
  return xml
}
