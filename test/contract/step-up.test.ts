import { createGuard, stepUp } from '@portcullis/core'
import { meetsAcr, oktaAcr, readStepUp } from '@portcullis/okta'
import { createTokenIssuer } from '@portcullis/testkit'
import { describe, expect, test } from 'vitest'
import { serveLogin } from '../support/login-apps.ts'
import { expresses } from './express.ts'
import { fetches } from './fetch.ts'
import { koas } from './koa.ts'

const issuer = createTokenIssuer({ algorithm: 'ES256' })
const rule = stepUp({ acr: oktaAcr.twoFactors, maxAge: 300, meets: meetsAcr })

// RFC 9470 §3 and §5, and Okta's names for what is wanted.
describe.each([...expresses, ...koas, ...fetches])('step-up on $name', ({ createApp }) => {
  const app = createApp({
    guard: createGuard(issuer.guardOptions),
    rules: [rule],
    answer: ({ principal }) => ({ subject: principal().subject }),
    mount: '',
    proxy: false,
    parsedBody: false,
    sendFirst: false,
  })
  const askedWith = (url: string, claims: Readonly<Record<string, unknown>>) =>
    issuer
      .issueToken({ sub: 'ada', ...claims })
      .then((token) => fetch(`${url}/guarded`, { headers: { authorization: `Bearer ${token}` } }))
  const serve = async (body: (url: string) => Promise<void>): Promise<void> => {
    const { url, close } = await serveLogin(() => app)
    await body(url).finally(close)
  }
  const now = () => Math.floor(Date.now() / 1000)

  test('a client reads from the challenge what to ask the issuer for, and then gets in', () =>
    serve(async (url) => {
      const first = await askedWith(url, { acr: oktaAcr.oneFactor, auth_time: now() })
      expect(first.status).toBe(401)
      const wanted = readStepUp(first)
      expect(wanted).toEqual({
        acrValues: [oktaAcr.twoFactors],
        maxAge: 300,
        description: undefined,
      })
      const [acr] = wanted?.acrValues ?? []
      const second = await askedWith(url, { acr, auth_time: now() })
      expect(await second.json()).toEqual({ subject: 'ada' })
    }))

  test('what was long ago does not do', () =>
    serve(async (url) => {
      const old = { acr: oktaAcr.twoFactors, auth_time: now() - 3600 }
      expect(readStepUp(await askedWith(url, old))).toMatchObject({ maxAge: 300 })
    }))
})
