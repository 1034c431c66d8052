import { expect, test } from 'vitest'
import { sealedSessions } from '../session/sealed.ts'
import type { SessionCookieOptions } from '../session/settings.ts'
import { createLogin } from './create.ts'

/** The name of the session cookie, without its prefix. */
async function nameFor(cookie: SessionCookieOptions, path = ''): Promise<string | undefined> {
  const login = createLogin({
    issuer: 'https://id.test',
    client: { id: 'web', secret: 'web-secret' },
    baseUrl: `https://app.example.test${path}`,
    sessions: sealedSessions({ secrets: ['x'.repeat(32)], cookie }),
  })
  const request = {
    method: 'POST',
    url: `https://app.example.test${path}/`,
    header: () => undefined,
    form: () => Promise.resolve(new URLSearchParams()),
  }
  const claims = { iss: 'https://id.test', aud: 'web', sub: 'alice' }
  const { headers } = await login.signIn(request, { claims, tokens: {} })
  const [, field = ''] = headers.find(([name]) => name === 'Set-Cookie') ?? []
  return /^__(?:Host|Secure)-(portcullis-\w+)=/.exec(field)?.[1]
}

// Browsers would keep the old cookie beside the new one, send it first, and keep it after a logout.
test('a session cookie has another name for every domain and path that it is given', async () => {
  const names = await Promise.all([
    nameFor({}, '/shop'),
    nameFor({ domain: 'example.test' }, '/shop'),
    nameFor({ domain: 'app.example.test' }, '/shop'),
    nameFor({ path: '/shop' }, '/shop'),
    nameFor({ path: '/shop', domain: 'example.test' }, '/shop'),
    nameFor({}),
  ])
  expect(names.filter((name) => name !== undefined)).toHaveLength(6)
  expect(new Set(names).size).toBe(6)
})

test('and the same one where what is given is the default', async () => {
  expect(await nameFor({ path: '/', sameSite: 'Lax' })).toBe(await nameFor({}))
})
