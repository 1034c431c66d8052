import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDirectScene, type DirectScene } from '../../../../test/support/direct-scene.ts'
import { mfaRequired, oauthError } from '../../../../test/support/scripted-okta.ts'
import type { DirectAnswer } from './answer.ts'
import type { DirectAuthentication } from './create.ts'
import { diagnose } from './diagnosis.ts'
import type { OobState } from './state.ts'

let scene: DirectScene
beforeAll(async () => {
  scene = await createDirectScene()
})
afterAll(() => scene.server.close())

type Ask = (direct: DirectAuthentication) => Promise<DirectAnswer>

const mfaState = async (direct: DirectAuthentication) => {
  scene.server.say(mfaRequired())
  const answer = await direct.password({ username: 'ada', password: 'secret-of-ada' })
  if (answer.status === 'mfa_required') return answer.state
  throw new Error(answer.status)
}

const started = async (
  direct: DirectAuthentication,
  channel: 'push' | 'sms',
): Promise<OobState> => {
  const binding = channel === 'push' ? 'none' : 'prompt'
  scene.server.say({ body: { oob_code: 'oob', expires_in: 300, channel, binding_method: binding } })
  const answer = await direct.oob({ username: 'ada', channel })
  if (answer.status === 'pending') return answer.state
  throw new Error(answer.status)
}

const asks = {
  password: (direct) => direct.password({ username: 'ada', password: 'secret-of-ada' }),
  otp: (direct) => direct.otp({ username: 'ada', otp: '482913' }),
  start: (direct) => direct.oob({ username: 'ada', channel: 'sms' }),
  poll: async (direct) => {
    const state = await started(direct, 'push')
    scene.clock.advance(5)
    scene.server.say(row)
    return direct.check(state)
  },
  code: async (direct) => {
    const state = await started(direct, 'sms')
    scene.server.say(row)
    return direct.verify(state, { code: '604118' })
  },
  challenge: async (direct) => {
    const state = await mfaState(direct)
    scene.server.say(row)
    return direct.mfaOob(state, { channel: 'sms' })
  },
  'mfa otp': async (direct) => {
    const state = await mfaState(direct)
    scene.server.say(row)
    return direct.mfaOtp(state, { otp: '482913' })
  },
} satisfies Record<string, Ask>

// What the server says next, once the step before it has been gone through.
let row = oauthError(400, 'none')
const simple = new Set<string>(['password', 'otp', 'start'])

// okta-protocol.md §4.9, line by line, with what else §3.6, §4.1 and §5.5 have:
// what was asked, what came, what it is called here and what can be done, Okta's words.
const table = `
  password | 403 access_denied | policy_denied | never | User couldn't be signed-in through direct authentication because authentication policy wasn't satisfied.
  challenge | 403 access_denied | factor_unsuitable | factor | Unable to prompt for the requested authenticators. Review the Authentication Policy's requirements or request another authenticator and try again.
  challenge | 403 access_denied | factor_unavailable | factor | The required authenticator cannot be used. Check if it is required by policy and the user is enrolled in the authenticator and try again.
  challenge | 403 access_denied | challenge_unneeded | restart | The user is not challenged for any authenticators by the current policy.
  password | 403 access_denied | factor_missing | never | No supported authenticators are available.
  poll | 403 access_denied | expired | restart | 'oob_code' has expired. Use a new 'oob_code' and try again.
  challenge | 400 access_denied | expired | restart | 'mfa_token' has expired. Use a new 'mfa_token' and try again.
  password | 403 access_denied | grants_insufficient | never | The 'grant_types_supported' 'X' are not sufficient to satisfy the authentication policy. Configure additional grant types for the client or revise the authentication policy to allow the user to sign-in.
  otp | 403 access_denied | grants_disabled | never | The grant types required to satisfy sign on policy are disabled for the client.
  password | 400 access_denied | user_not_assigned | never | User is not assigned to the client application.
  otp | 400 slow_down | rate_limited | later | Slow down the polling frequency. Please try again later.
  otp | 400 invalid_grant | code_wrong | input | The 'otp' provided is either empty or incorrect. Use the correct OTP and try again.
  code | 400 invalid_grant | code_wrong | input | The 'otp' provided is either empty or incorrect. Use the correct OTP and try again.
  mfa otp | 400 invalid_grant | code_wrong | input | Words that nobody has seen before.
  poll | 400 invalid_grant | rejected | factor | User rejected out-of-band authentication prompt.
  poll | 400 invalid_grant | rejected | factor | Words that nobody has seen before.
  otp | 400 invalid_grant | user_ambiguous | input | The 'login_hint' does not uniquely identify a user.
  password | 400 invalid_grant | credentials_wrong | input | The credentials provided were invalid.
  password | 400 invalid_grant | password_expired | never | Password has expired.
  password | 400 invalid_grant | grants_disabled | never | Resource owner password credentials cannot be used with MFA enabled.
  password | 400 invalid_grant | policy_denied | never | Resource owner password credentials authentication denied by sign on policy.
  password | 400 consent_required | consent_required | never | The following scopes require user consent: [x].
  otp | 429 invalid_grant | rate_limited | later | API call exceeded rate limit due to too many requests.
  start | 400 invalid_request | channel_unsupported | factor | 'fax' is not supported as a 'channel_hint'. Try again with another value.
  challenge | 400 invalid_request | challenge_unsupported | factor | X is not supported as a 'challenge_type'. Try again with another value.
  challenge | 403 access_denied | challenge_unsupported | factor | X is not supported as a 'challenge_type'. Try again with another value.
  start | 400 invalid_request | hint_unsupported | factor | 'X' is not supported as a 'challenge_hint'. Try again with another value.
  password | 400 invalid_request | grant_unsupported | never | X is not supported as a 'grant_type'. Remove or replace the value and try again.
  code | 400 invalid_request | state_mismatched | restart | The 'oob_code' and the 'mfa_token' provided are not associated with each other. Review the values and try again.
  poll | 400 invalid_request | server_switched | restart | The authorization server id 'X' in the url_path parameter does not match the authorization server id in the original request 'Y'.
  poll | 401 invalid_client | client_switched | restart | The client_id 'X' does not match the client_id in the original request 'Y'. Use the original client id and try again.
  mfa otp | 400 invalid_scope | scope_switched | restart | The requested scopes 'X' do not match the scopes requested in the original request 'Y'.
  mfa otp | 400 invalid_request | acr_switched | restart | The acr_values 'X' do not match the acr_values requested in the original request 'Y'.
  otp | 400 invalid_request | parameter_missing | never | The required parameter 'otp' is missing.
  otp | 400 unauthorized_client | grant_unauthorized | never | The client is not authorized to use the provided grant type. Configured grant types: [password].
  otp | 400 unsupported_grant_type | grant_unauthorized | never | The authorization grant type is not supported.
  password | 401 invalid_client | client_refused | never | The client secret supplied for a confidential client is invalid.
  start | 500 server_error | delivery_failed | later | Failed to initiate out-of-band authentication.
  start | 403 server_error | feature_disabled | never | The requested feature is not enabled in this environment.
  password | 401 access_denied | policy_unmatched | never | Policy evaluation failed for this request, please check the policy configurations.
  password | 400 access_denied | scope_refused | never | Some of the requested scopes were denied by the policy. Denied scopes: [x].
  password | 400 invalid_scope | scope_refused | never | One or more scopes are not configured.
  otp | 400 invalid_otp | code_wrong | input | Words that nobody has seen before.
  poll | 400 oob_rejected | rejected | factor | Words that nobody has seen before.
  challenge | 400 invalid_challenge_types_supported | challenge_unsupported | factor | Words that nobody has seen before.
  password | 401 E0000015 | feature_disabled | never | You do not have permission to access the feature you are requesting
  password | 403 access_denied | denied | restart | Words that nobody has seen before.
  password | 400 something_new | request_refused | never | Words that nobody has seen before.
`

const rows = table
  .trim()
  .split('\n')
  .map((line) => {
    const [ask = '', came = '', code = '', retry = '', words = ''] = line.trim().split(' | ')
    const [status, error = ''] = came.split(' ')
    // The table above names nothing else.
    return [ask as keyof typeof asks, Number(status), error, words, code, retry] as const
  })

describe('an error of Okta', () => {
  it.each(rows)('at %s: %i %s "%s" is %s', async (ask, status, error, description, code, retry) => {
    row = oauthError(status, error, description)
    if (simple.has(ask)) scene.server.say(row)
    const answer = await asks[ask](scene.make({ limiter: 'none' }))
    expect(answer).toMatchObject({ status: 'failed', code, retry, httpStatus: status, error })
    expect(answer).toHaveProperty('requestId', `req-${scene.server.calls.length}`)
    expect('retryAfter' in answer && answer.retryAfter !== undefined).toBe(retry === 'later')
    expect(scene.events.at(-1)).toMatchObject({ outcome: code })
    const goesOn = retry === 'input' || retry === 'factor'
    const hasState = 'state' in answer && answer.state !== undefined
    expect(hasState).toBe(goesOn && (ask === 'code' || ask === 'challenge' || ask === 'mfa otp'))
  })

  it('keeps the words of Okta for logs, cut and harmless', async () => {
    const words = `Evil \u001b[31m ${'x'.repeat(1000)}`
    scene.server.say(oauthError(400, 'invalid_grant', words))
    const answer = await asks.password(scene.make())
    if (answer.status !== 'failed') throw new Error(answer.status)
    expect(answer.description).toMatch(/^Evil \?\[31m x+$/)
    expect(answer.description?.length).toBe(300)
  })
})

describe("Okta's own envelope", () => {
  it.each([
    [
      404,
      'E0000007',
      'Not found: Resource not found: aus1 (AuthorizationServer)',
      'server_unknown',
    ],
    [400, 'invalid_client', "Invalid value for 'client_id' parameter.", 'client_refused'],
    [429, 'E0000109', 'An SMS message was recently sent.', 'rate_limited'],
    [403, 'E0000006', 'You do not have permission', 'request_refused'],
  ])('%i %s is read too', async (status, errorCode, errorSummary, code) => {
    scene.server.say({ status, body: { errorCode, errorSummary, errorId: 'oae1' } })
    const answer = await asks.start(scene.make({ limiter: 'none' }))
    expect(answer).toMatchObject({ code, error: errorCode, description: errorSummary })
  })
})

describe('trouble that is not about the request', () => {
  it.each([
    ['a page', { status: 502, body: '<html>Bad gateway</html>' }],
    ['an error of the server', oauthError(500, 'server_error', 'unexpected condition')],
    [
      'an error of a hook',
      oauthError(400, 'server_error', 'The callback service returned an error.'),
    ],
    ['maintenance', oauthError(400, 'temporarily_unavailable')],
    ['no error at all', { status: 400, body: {} }],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example' }, body: '' }],
    ['a page that says yes', { status: 200, body: '<html>' }],
    ['a list', { status: 200, body: [] }],
    ['too much', { status: 200, body: 'x'.repeat(300_000) }],
  ])('%s is an outage', async (_what, answer) => {
    scene.server.say(answer)
    await expect(asks.password(scene.make({ limiter: 'none' }))).rejects.toMatchObject({
      name: 'Outage',
      code: 'endpoint_failed',
    })
    expect(scene.events.at(-1)).toMatchObject({ outcome: 'outage' })
  })

  it.each([
    ['no oob_code', { binding_method: 'none' }],
    ['no binding', { oob_code: 'a' }],
    ['no number', { oob_code: 'a', binding_method: 'transfer' }],
    ['a number that is a page', { oob_code: 'a', binding_method: 'transfer', binding_code: '<b>' }],
  ])('a prompt with %s is an outage', async (_what, body) => {
    scene.server.say({ body })
    await expect(asks.start(scene.make({ limiter: 'none' }))).rejects.toMatchObject({
      code: 'endpoint_failed',
    })
  })

  it('a challenge for a passkey without one is an outage', async () => {
    scene.server.say({ body: { publicKey: {} } })
    await expect(scene.make().webAuthn()).rejects.toMatchObject({ code: 'endpoint_failed' })
  })

  it('a server that does not answer is an outage, in time', async () => {
    const silent = () => new Promise<Response>(() => undefined)
    const direct = scene.make({ fetch: silent, timeout: 0.05 })
    await expect(asks.password(direct)).rejects.toThrow('no complete answer in time')
  })
})

describe('errors of passkeys', () => {
  it.each([
    [
      'invalid_request',
      "WebAuthn requests must contain 'authenticatorData'",
      'assertion_malformed',
    ],
    [
      'invalid_request',
      "The 'challenge' and the 'mfa_token' provided are not associated with each other.",
      'state_mismatched',
    ],
    ['invalid_grant', 'There is no pending WebAuthn challenge for the request.', 'challenge_lost'],
    [
      'invalid_grant',
      'None of the WebAuthn authenticators the user has enrolled for was able',
      'assertion_wrong',
    ],
    ['invalid_grant', 'other words', 'assertion_wrong'],
  ])('%s "%s" is %s', (error, description, code) => {
    expect(diagnose({ status: 400, error, description }, 'webauthn')).toBe(code)
  })
})
