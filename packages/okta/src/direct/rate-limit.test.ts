import { describe, expect, it } from 'vitest'
import { createAuthn } from '../authn/create.ts'
import { isOfOrg, waitOf } from './rate-limit.ts'

const now = Date.parse('2026-01-05T10:00:00Z')
const inSeconds = (seconds: number) => String(now / 1000 + seconds)

const fieldsOf = (limit: string, remaining: string, reset: string) => ({
  'x-rate-limit-limit': limit,
  'x-rate-limit-remaining': remaining,
  'x-rate-limit-reset': reset,
})
const body = { errorCode: 'E0000047', errorSummary: 'API call exceeded rate limit' }

// Fields, seconds to wait, whether nobody is to ask until then.
const limits: readonly (readonly [string, Record<string, string>, number, boolean])[] = [
  ['of the org', fieldsOf('600', '0', inSeconds(57)), 57, true],
  ['of one user', fieldsOf('600', '250', inSeconds(57)), 57, false],
  ['of concurrent requests', fieldsOf('0', '0', inSeconds(57)), 1, false],
  ['of concurrent requests, told twice', fieldsOf('0, 0', '0, 0', inSeconds(57)), 1, false],
  ['of two at once', fieldsOf('600, 4', '0, 3', `${inSeconds(20)}, ${inSeconds(50)}`), 50, true],
  ['whose end is another’s to say', { ...fieldsOf('0', '0', '0'), 'retry-after': '7' }, 7, false],
  ['that makes no sense', fieldsOf('x', 'x', 'x'), 1, false],
]

describe('a limit', () => {
  it.each(limits)('%s', (_what, fields, seconds, isForAll) => {
    const headers = new Headers(fields)
    expect(waitOf(headers, now)).toBe(seconds)
    expect(isOfOrg(headers, body, true)).toBe(isForAll)
  })

  it('of concurrent requests keeps nobody else out', async () => {
    const headers = fieldsOf('0', '0', inSeconds(57))
    const answers = [
      Response.json(body, { status: 429, headers }),
      Response.json({ status: 'SUCCESS', sessionToken: '20111once' }),
    ]
    const fetch = async () => answers.shift() ?? Response.error()
    const authn = createAuthn({ domain: 'acme.okta.com', limiter: 'none', fetch, now: () => now })
    const first = await authn.signIn({ username: 'ada', password: 'p' })
    expect(first).toMatchObject({ code: 'rate_limited', retryAfter: 1 })
    expect(await authn.signIn({ username: 'bob', password: 'p' })).toMatchObject({
      status: 'SUCCESS',
    })
  })
})
