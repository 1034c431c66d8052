import { directGrants, grants } from '../grants.ts'
import { identify, invalidClient } from '../client-authentication.ts'
import { checkProof } from '../dpop.ts'
import type { Org } from '../org.ts'
import type { Server } from '../servers.ts'
import { isTrusted } from '../origins.ts'
import { noStore, oauthError, type Answer, type Call } from '../wire.ts'
import { passwordGrant } from '../direct/password.ts'
import { mfaOtpGrant, otpGrant } from '../direct/otp.ts'
import { mfaOobGrant, oobGrant } from '../direct/oob.ts'
import { mfaWebauthnGrant, webauthnGrant } from '../direct/webauthn.ts'
import { clientCredentialsGrant } from './client-credentials.ts'
import { codeGrant } from './code.ts'
import { exchangeGrant } from './exchange.ts'
import { interactionGrant } from './interaction.ts'
import { samlGrant } from './saml-bearer.ts'
import type { Grant } from './grant.ts'
import { jwtBearerGrant } from './jwt-bearer.ts'
import { refreshGrant } from './refresh.ts'
import { checkEngine, checkSwitches, readGrantType } from './switches.ts'
import { cibaGrant, deviceGrant } from './waiting.ts'

const table = new Map<string, Grant>([
  [grants.code, codeGrant],
  [grants.refresh, refreshGrant],
  [grants.password, passwordGrant],
  [grants.clientCredentials, clientCredentialsGrant],
  [grants.device, deviceGrant],
  [grants.tokenExchange, exchangeGrant],
  [grants.jwtBearer, jwtBearerGrant],
  [grants.samlBearer, samlGrant],
  [grants.interactionCode, interactionGrant],
  [grants.ciba, cibaGrant],
  [grants.otp, otpGrant],
  [grants.oob, oobGrant],
  [grants.webauthn, webauthnGrant],
  [grants.mfaOtp, mfaOtpGrant],
  [grants.mfaOob, mfaOobGrant],
  [grants.mfaWebauthn, mfaWebauthnGrant],
])

/** `POST /v1/token`. */
export async function token(org: Org, server: Server, call: Call): Promise<Answer> {
  const { form } = call
  checkOnce(form)
  const grantType = readGrantType(form)
  if (directGrants.includes(grantType) || grantType === grants.interactionCode) checkEngine(org)
  const app = await identify(org, call)
  checkSwitches(server, app, grantType)
  checkBrowser(org, call, grantType)
  const grant = table.get(grantType)
  if (grant === undefined) throw new Error(`nobody answers for ${grantType}`)
  const jkt = app.dpop ? await checkProof(org, call) : undefined
  const body = await grant({ org, server, app, call, form, grantType, jkt })
  const nonce = app.dpop ? { 'DPoP-Nonce': org.nonces.current() } : {}
  return { status: 200, headers: { ...noStore, ...nonce }, body }
}

/** Refuses a form with a name twice. */
export function checkOnce(form: URLSearchParams): void {
  const names = [...form.keys()]
  if (new Set(names).size === names.length) return
  throw oauthError(
    400,
    'invalid_request',
    'The request contained multiple parameters with the same name.',
  )
}

function checkBrowser(org: Org, { headers, form }: Call, grantType: string): void {
  if (headers.origin === undefined) return
  if (!isTrusted(org, headers.origin)) {
    throw oauthError(
      400,
      'invalid_request',
      'Browser requests to the token endpoint must be part of at least one whitelisted redirect_uri.',
    )
  }
  if (grantType === grants.code && !form.has('code_verifier')) {
    throw invalidClient(
      'Browser requests to the token endpoint must use Proof Key for Code Exchange.',
    )
  }
}
