import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { plainPage } from './page.ts'
import { styleSource } from './style.ts'
import type { DirectAddresses, DirectStage, DirectView } from './view.ts'

const at = (step: string): string => `/direct/${step}`
const addresses: DirectAddresses = {
  page: '/direct',
  start: at('start'),
  challenge: at('challenge'),
  verify: at('verify'),
  poll: at('poll'),
  resend: at('resend'),
  cancel: at('cancel'),
  returnTo: undefined,
}
const page = (view: DirectView): string => plainPage(view, addresses)

type Pending = DirectStage & { readonly status: 'pending' }
const push: Pending = {
  status: 'pending',
  channel: 'push',
  binding: 'none',
  number: undefined,
  interval: 5,
  secondsLeft: 61,
}
const sms: Pending = { ...push, channel: 'sms', binding: 'prompt', interval: undefined }
const failed = (stage: DirectStage, retryAfter?: number): DirectView => ({
  status: 'failed',
  code: 'code_wrong',
  retry: 'input',
  retryAfter,
  field: undefined,
  stage,
})

describe('a page', () => {
  test.each<[string, DirectView]>([
    ['Sign in', { status: 'start' }],
    ['One more step', { status: 'mfa_required', next: ['otp'] }],
    ['Look at your phone', push],
    ['Type the code', sms],
    ['Use your passkey', { status: 'webauthn', publicKey: {}, enrollments: [] }],
    ['Error: Type the code', failed(sms)],
  ])('is titled %s', (title, view) => {
    expect(page(view)).toContain(`<title>${title}</title>`)
    expect(page(view)).toContain(`<h1>${title.replace('Error: ', '')}</h1>`)
  })

  test('has the style that its policy names, and nothing else inside', () => {
    const [, style = ''] = /<style>([^<]*)<\/style>/.exec(page(push)) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    expect(styleSource).toBe(`'sha256-${hash}'`)
    expect(page(push)).not.toMatch(/<script| style=| on\w+=/)
  })

  test('asks again by itself while a push is waited for, and not after a failure', () => {
    expect(page(push)).toContain('<meta http-equiv="refresh" content="5;url=/direct/poll">')
    expect(page(failed(push))).not.toContain('http-equiv')
    expect(page(sms)).not.toContain('http-equiv')
  })

  test('says what went wrong where the field is described', () => {
    expect(page(failed(sms))).toContain('id="problem">The code is wrong.</p>')
    expect(page(failed(sms))).toContain('aria-describedby="problem"')
    expect(page(sms)).not.toContain('problem')
  })

  test.each([
    [1, '1 second.'],
    [90, '90 seconds.'],
    [90.1, '2 minutes.'],
    [900, '15 minutes.'],
  ])('counts %d seconds as %s', (seconds, words) => {
    expect(page(failed(sms, seconds))).toContain(`Try again in ${words}`)
  })
})

describe('the choice of a second factor', () => {
  const choice = (...next: Extract<DirectView, { status: 'mfa_required' }>['next']) =>
    page({ status: 'mfa_required', next })

  test('asks for a code where there is one, and offers what can be sent', () => {
    expect(choice('otp', 'push', 'email')).toMatch(
      /name="code"[^]*Or another way[^]*value="push"[^]*value="email"/,
    )
    expect(choice('sms', 'voice')).toMatch(/How shall we reach you\?[^]*value="sms"/)
  })

  test('offers nothing that is not there', () => {
    expect(choice('sms')).not.toContain('name="code"')
    expect(choice('otp')).not.toContain('Or another way')
    expect(choice('otp', 'webauthn')).not.toContain(addresses.challenge)
  })
})
