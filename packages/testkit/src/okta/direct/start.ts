import { grants } from '../grants.ts'
import type { Org } from '../org.ts'
import type { Person } from '../people.ts'
import type { Origin, MfaTransaction, OobChannel, OobTransaction } from './transactions.ts'
import { oauthError, randomText } from '../wire.ts'
import { channelFactors, lifetimes, notUsable } from './transactions.ts'

const channels = new Set(['push', 'sms', 'voice', 'email'])

/** The `channel_hint`, if it is one. */
export function readChannel(org: Org, form: URLSearchParams): OobChannel {
  const hint = form.get('channel_hint')
  if (hint === null || hint === '') {
    throw oauthError(400, 'invalid_request', "The required parameter 'channel_hint' is missing.")
  }
  if (!channels.has(hint) || (hint === 'email' && !org.settings.emailChannel)) {
    throw oauthError(
      400,
      'invalid_request',
      `'${hint}' is not supported as a 'channel_hint'. Try again with another value.`,
    )
  }
  // It is one of the four above.
  return hint as OobChannel
}

/** What an out-of-band factor begins with. */
export interface OobStart extends Origin {
  readonly person: Person | undefined
  readonly channel: OobChannel
  readonly acr: string
  readonly mfa?: MfaTransaction
}

/** Sends the push or the code; the answer for the client. */
export function startOob(org: Org, start: OobStart): object {
  const { person, channel } = start
  if (person !== undefined && !org.usable(person, channelFactors[channel])) throw notUsable()
  if (org.settings.deliveryFails) {
    throw oauthError(500, 'server_error', 'Failed to initiate out-of-band authentication.')
  }
  const reach = person && org.reach(person)
  const isPush = channel === 'push'
  const prompt = isPush ? reach?.push(org.settings.numberChallenge) : undefined
  const expected = isPush ? undefined : reach?.send(channel).code
  const code = randomText(43)
  const { server, app, acr, mfa } = start
  const transaction: OobTransaction = {
    code,
    server,
    app,
    person,
    channel,
    prompt,
    expected,
    mfa,
    acr,
    scope: undefined,
    lastPoll: 0,
  }
  org.oob.put(code, transaction, lifetimes.oob)
  if (mfa !== undefined) mfa.oobCode = code
  return {
    oob_code: code,
    expires_in: lifetimes.oob,
    ...(isPush && { interval: org.settings.pollInterval }),
    channel,
    ...bindingOf(transaction),
  }
}

function bindingOf({ channel, prompt }: OobTransaction): object {
  if (channel !== 'push') return { binding_method: 'prompt' }
  if (prompt?.number === undefined) return { binding_method: 'none' }
  return { binding_method: 'transfer', binding_code: prompt.number }
}

/** The options for `navigator.credentials.get`, in the spelling that Okta's SDKs read. */
export function startWebauthn(
  org: Org,
  { server, app, person, mfa }: Omit<OobStart, 'channel' | 'acr'>,
): object {
  // A multiple of four: browsers read it as base64url, and write it anew.
  const challenge = randomText(24)
  const factor = person && org.usable(person, 'webauthn')
  if (person !== undefined && factor === undefined) throw notUsable()
  org.webauthn.put(challenge, { challenge, server, app, person, mfa }, lifetimes.webauthn)
  const credentials = factor?.credentials ?? []
  return {
    challengeType: mfa === undefined ? grants.webauthn : grants.mfaWebauthn,
    publicKey: {
      challenge,
      timeout: lifetimes.webauthn * 1000,
      userVerification: 'preferred',
      hints: [],
      allowCredentials: credentials.map(({ id }) => ({
        id,
        type: 'public-key',
        transports: ['internal'],
      })),
      extensions: { appid: org.origin },
    },
    authenticatorEnrollments: credentials.map(({ id, name = 'Passkey' }) => ({
      credentialId: id,
      displayName: name,
      profile: { aaguid: '00000000-0000-0000-0000-000000000000' },
    })),
  }
}
