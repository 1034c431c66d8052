import { afterAll, expect, test } from 'vitest'
import { createOkta } from './create.ts'

const everybody = { rules: [{}] }
const okta = await createOkta({
  users: { alice: { groups: ['Staff'] }, bob: {} },
  servers: {
    bare: { policies: [] },
    ordered: {
      policies: [
        { clients: ['service'], rules: [{ scopes: ['orders:read'] }] },
        {
          rules: [
            { people: ['Staff'], accessTokenMinutes: 5 },
            { people: ['bob'], grantTypes: ['authorization_code'] },
          ],
        },
        everybody,
      ],
    },
  },
})
afterAll(() => okta.close())

const machine = async (server: string, scope: string, app = 'service') => {
  const form = { grant_type: 'client_credentials', scope }
  const { status, body } = await okta.request('token', form, { app, server })
  return `${status} ${'error' in body ? String(body['error']) : 'granted'}`
}
const password = async (name: string) => {
  const form = {
    grant_type: 'password',
    scope: 'openid',
    username: `${name}@example.com`,
    password: 'password',
  }
  return okta.request('token', form, { app: 'native', server: 'ordered' })
}

test('a server without a policy has nothing for anybody', async () => {
  expect(await machine('bare', 'orders:read')).toBe('401 access_denied')
})

test('the first policy that names the client decides, and no later one', async () => {
  expect(await machine('ordered', 'orders:read')).toBe('200 granted')
  expect(await machine('ordered', 'orders:write')).toBe('400 access_denied')
})

test('the first rule that fits grant and person decides', async () => {
  const { status, body } = await password('alice')
  expect([status, body['expires_in']]).toEqual([200, 300])
  const other = await password('bob')
  expect([other.status, other.body['error']]).toEqual([401, 'access_denied'])
})

test('no rule for people fits where there is nobody', async () => {
  expect(await machine('ordered', 'orders:read', 'web')).toBe('401 access_denied')
})
