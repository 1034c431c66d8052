// What only one vendor has stands here and nowhere else in the core (docs/decisions/034).
const oktaDomain = String.raw`\.(?:okta\.com|oktapreview\.com|okta-emea\.com|okta-gov\.com|okta\.mil)`
const oktaOrg = new RegExp(String.raw`^https://[^/]+${oktaDomain}/?$`, 'i')
const oktaAdmin = new RegExp(String.raw`^https://([^/]+)-admin(${oktaDomain})(?:/|$)`, 'i')
const entraShared =
  /^https:\/\/login\.(?:partner\.)?microsoftonline\.(?:com|us|cn)\/(?:common|organizations|consumers)(?:\/|$)/i
const unset = /^https?:\/\/undefined(?:[:/]|$)|\/undefined(?:\/|$)/
const wellKnown = /\/\.well-known(?:\/|$)/
const oktaManagement = /\/api\/v1\/authorizationServers(?:\/|$)/

/** What an address is instead of an issuer, where it is one that everybody takes for an issuer once. */
export function mistakenIssuer(issuer: string): string | undefined {
  const [, org, domain] = oktaAdmin.exec(issuer) ?? []
  if (org !== undefined) {
    return `is an address of the Okta Admin Console. The issuers of that org are https://${org}${domain}/oauth2/{id} and, for logins only, https://${org}${domain}.`
  }
  if (unset.test(issuer))
    return 'holds the word undefined: a setting that it was put together from has no value.'
  if (wellKnown.test(issuer))
    return 'is the address of its metadata. The issuer is what they name as "issuer", to the letter.'
  if (entraShared.test(issuer))
    return 'is where all tenants of Microsoft Entra sign in, and the issuer of no token. The issuers are https://login.microsoftonline.com/{tenant id}/v2.0, one for each tenant.'
  return oktaManagement.test(issuer)
    ? 'is an address of the Okta management API. The issuer of the same server is https://{domain}/oauth2/{id}.'
    : undefined
}

/** Whether an issuer is an Okta org itself, and not one of its custom authorization servers. */
export const isOktaOrg = (issuer: string): boolean => oktaOrg.test(issuer)
