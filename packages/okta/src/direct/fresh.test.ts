import { expect, it } from 'vitest'
import { createAuthn } from '../authn/create.ts'
import { okta } from '../servers.ts'
import { createDirectAuthentication } from './create.ts'

const server = okta({ domain: 'acme.okta.com' })
const limiter = 'none'
const ada = { username: 'ada', password: 'p' }

it('asks for answers that nobody keeps: a framework may patch fetch', async () => {
  const caches: unknown[] = []
  const fetch = async (_url: unknown, init: RequestInit = {}) => {
    caches.push(Reflect.get(init, 'cache'))
    return Response.json({ error: 'E0000004', errorCode: 'E0000004' }, { status: 401 })
  }
  await createDirectAuthentication({ server, client: { id: 'app' }, limiter, fetch }).password(ada)
  const authn = createAuthn({ okta: server, limiter, fetch })
  await authn.signIn(ada)
  await authn.sessions.get({ cookie: 'sid=1' })
  expect(caches).toEqual(['no-store', 'no-store', 'no-store'])
})
