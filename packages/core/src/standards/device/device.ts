import { checkWish, encoded, formOf, type GrantParts, type GrantWish } from '../../client/grant.ts'
import { createPendingGrant, type PendingGrant } from '../../client/polling.ts'
import { Outage } from '../../errors/outage.ts'
import { insecurity } from '../../issuer/url.ts'

/** A device that waits for a person with a browser (RFC 8628). */
export interface DeviceAttempt extends PendingGrant {
  /** What the person types at `verificationUri`. */
  readonly userCode: string
  /** Where the person goes: show it as it is. */
  readonly verificationUri: string
  /** The same with the code in it: for a QR code or a link. */
  readonly verificationUriComplete: string | undefined
}

/** Begins the device grant: the issuer gives a code for the person, and a secret one to poll with. */
export async function deviceCode(parts: GrantParts, wish: GrantWish = {}): Promise<DeviceAttempt> {
  checkWish('deviceCode', wish)
  const since = parts.now()
  const begun = await parts.ask('device_authorization_endpoint', async (exchange) => {
    const { oauth, server, client, authenticate, options } = exchange
    const form = encoded(formOf(wish))
    const response = oauth.deviceAuthorizationRequest(server, client, authenticate, form, options)
    return oauth.processDeviceAuthorizationResponse(server, client, await response)
  })
  const { verification_uri: uri, verification_uri_complete: complete } = begun
  return {
    userCode: begun.user_code,
    verificationUri: shownUri(uri),
    verificationUriComplete: complete && shownUri(complete),
    ...createPendingGrant(parts, {
      type: 'urn:ietf:params:oauth:grant-type:device_code',
      form: { device_code: begun.device_code },
      expiresIn: begun.expires_in,
      interval: begun.interval,
      since,
    }),
  }
}

// It becomes a link or a QR code: a script or a page on plain http: must not.
function shownUri(uri: string): string {
  const wrong = URL.canParse(uri) ? insecurity(new URL(uri), false) : 'is no URL'
  if (wrong === undefined) return uri
  throw new Outage('endpoint_failed', `its verification_uri ${wrong}`, { phase: 'content' })
}
