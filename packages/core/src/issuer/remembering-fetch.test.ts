import { expect, test } from 'vitest'
import { json } from '../../../../test/e2e/support/fake-issuer.ts'
import { createTestKey } from '../../../../test/e2e/support/signing.ts'
import { createClient } from '../client/create.ts'
import { createIssuer } from './create.ts'

// Next.js patches the global `fetch`: what it answered once it answers again, across restarts, unless told not to.
function remembering(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  const known = new Map<string, Response>()
  return async (input, init) => {
    if (Reflect.get(init ?? {}, 'cache') === 'no-store') return fetch(input, init)
    const address = new Request(input).url
    const answer = known.get(address) ?? (await fetch(input, init))
    known.set(address, answer)
    return answer.clone()
  }
}

test('a rotation arrives through a fetch that remembers answers', async () => {
  let published = 'old'
  const issuer = createIssuer({
    issuer: 'https://id.test',
    fetch: remembering(async (input) =>
      new Request(input).url.includes('/.well-known/')
        ? json({ issuer: 'https://id.test', jwks_uri: 'https://id.test/keys' })
        : json({ keys: [createTestKey('ES256', published).jwk] }),
    ),
  })
  await issuer.prewarm()
  published = 'new'
  const found = await issuer.keys.choose((keys) => keys.find(({ kid }) => kid === 'new'))
  expect(found).toMatchObject({ kid: 'new' })
})

test('every token is fetched anew through a fetch that remembers answers', async () => {
  const metadata = { issuer: 'https://id.test', token_endpoint: 'https://id.test/token' }
  let given = 0
  const client = createClient({
    issuer: createIssuer({ issuer: 'https://id.test', metadata }),
    client: { id: 'robot', secret: 'robot-secret' },
    fetch: remembering(async () => {
      given += 1
      return json({ access_token: `a-${given}`, token_type: 'Bearer' })
    }),
  })
  const first = await client.clientCredentials({ scope: 'a' })
  const second = await client.clientCredentials({ scope: 'b' })
  expect([first.accessToken, second.accessToken]).toEqual(['a-1', 'a-2'])
})
