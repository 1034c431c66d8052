import { checkWish, encoded, formOf, type GrantParts, type GrantWish } from '../../client/grant.ts'
import { createPendingGrant, type PendingGrant } from '../../client/polling.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { count, text, type Check } from '../../lib/assert.ts'

/** Who is asked to sign in on a device of theirs, and what they are shown (OpenID Connect CIBA Core §7.1). */
export interface CibaWish extends GrantWish {
  /** Default `openid`, which must be among them. */
  readonly scope?: string
  /** Who it is, in words that the issuer knows. Exactly one of the three hints is wanted. */
  readonly loginHint?: string
  /** The same as a token of the issuer's own kind. */
  readonly loginHintToken?: string
  /** The same as an ID token from before. */
  readonly idTokenHint?: string
  /** Shown here and on the device, so that the person sees what belongs together. */
  readonly bindingMessage?: string
  /** A secret of the person that keeps strangers from asking. */
  readonly userCode?: string
  /** Authentication contexts, separated by spaces, the preferred one first. */
  readonly acrValues?: string
  /** Seconds for which the request should live. Default: the issuer's. */
  readonly expiry?: number
}

const checks: Readonly<Record<Exclude<keyof CibaWish, keyof GrantWish>, Check>> = {
  loginHint: text,
  loginHintToken: text,
  idTokenHint: text,
  bindingMessage: text,
  userCode: text,
  acrValues: text,
  expiry: count,
}

/** Asks a person to sign in on a device of theirs; the answer is polled for. */
export async function ciba(parts: GrantParts, wish: CibaWish): Promise<PendingGrant> {
  checkWish('ciba', wish, checks)
  const form = encoded(formOf(wish, fieldsOf(wish)))
  const since = parts.now()
  const begun = await parts.ask('backchannel_authentication_endpoint', async (exchange) => {
    const { oauth, server, client, authenticate, options } = exchange
    const response = oauth.backchannelAuthenticationRequest(
      server,
      client,
      authenticate,
      form,
      options,
    )
    return oauth.processBackchannelAuthenticationResponse(server, client, await response)
  })
  return createPendingGrant(parts, {
    type: 'urn:openid:params:grant-type:ciba',
    form: { auth_req_id: begun.auth_req_id },
    expiresIn: begun.expires_in,
    interval: begun.interval,
    since,
  })
}

function fieldsOf(wish: CibaWish): Readonly<Record<string, string | undefined>> {
  const { scope = 'openid', loginHint, loginHintToken, idTokenHint, expiry } = wish
  const hints = [loginHint, loginHintToken, idTokenHint].filter((hint) => hint !== undefined)
  if (hints.length !== 1) {
    throw new ConfigurationError(
      'ciba() wants exactly one of loginHint, loginHintToken and idTokenHint',
    )
  }
  if (!scope.split(' ').includes('openid')) {
    throw new ConfigurationError('ciba() wants openid among the scopes')
  }
  return {
    scope,
    login_hint: loginHint,
    login_hint_token: loginHintToken,
    id_token_hint: idTokenHint,
    binding_message: wish.bindingMessage,
    user_code: wish.userCode,
    acr_values: wish.acrValues,
    requested_expiry: expiry === undefined ? undefined : String(expiry),
  }
}
