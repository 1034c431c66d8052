import { readScopes } from './access-policy.ts'
import { identify } from './client-authentication.ts'
import { grants } from './grants.ts'
import type { Org, Waiting } from './org.ts'
import { donePage } from '../html-page.ts'
import { activatePage } from './pages.ts'
import type { Server } from './servers.ts'
import type { Authentication } from './sessions.ts'
import { checkSwitches } from './token/switches.ts'
import { checkPassword } from './verify.ts'
import { noStore, randomText, type Answer, type Call } from './wire.ts'

const lifetime = 600

/** `POST /v1/device/authorize`. */
export async function deviceAuthorize(org: Org, server: Server, call: Call): Promise<Answer> {
  const app = await identify(org, call)
  checkSwitches(server, app, grants.device)
  const scopes = readScopes(server, app, call.form.get('scope'))
  const deviceCode = crypto.randomUUID()
  const userCode = randomText(8).toUpperCase()
  const expiresAt = org.now() + lifetime * 1000
  // Kept for longer, so that a late poll hears of expiry.
  org.devices.put(
    deviceCode,
    { ...createWaiting(), server, app, scopes, expiresAt, userCode },
    lifetime * 2,
  )
  const page = `${org.origin}/activate`
  const body = {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: page,
    verification_uri_complete: `${page}?user_code=${userCode}`,
    expires_in: lifetime,
    interval: org.settings.pollInterval,
  }
  return { status: 200, headers: noStore, body }
}

/** What waits for somebody's answer. */
export function createWaiting(): Pick<Waiting, 'lastPoll' | 'isUsed' | 'decision' | 'decide'> {
  let decided: Authentication | 'refused' | undefined
  return {
    lastPoll: 0,
    isUsed: false,
    decision: () => decided,
    decide: (decision) => {
      decided = decision
    },
  }
}

/** `GET /activate`. */
export const showActivate = ({ url }: Call): Answer => ({
  status: 200,
  body: activatePage(url.searchParams.get('user_code') ?? ''),
})

/** `POST /activate`: somebody signs in for a device, or says no. */
export function activate(org: Org, { form }: Call): Answer {
  const userCode = (form.get('user_code') ?? '').toUpperCase()
  const waiting = org.devices
    .all()
    .find((device) => device.userCode === userCode && device.expiresAt > org.now())
  if (waiting === undefined) {
    return {
      status: 200,
      body: activatePage(userCode, 'The user code is invalid or has expired.'),
    }
  }
  if (form.get('answer') === 'deny') {
    waiting.decide('refused')
    return { status: 200, body: donePage('The device was not connected.') }
  }
  const person = checkPassword(org, form.get('username') ?? '', form.get('password') ?? '')
  if (person === undefined) {
    return { status: 200, body: activatePage(userCode, 'Unable to sign in') }
  }
  waiting.decide({ person, at: org.now(), factors: ['password'] })
  return { status: 200, body: donePage('The device is connected.') }
}
