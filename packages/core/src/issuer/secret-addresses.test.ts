import { describe, expect, test } from 'vitest'
import { Outage } from '../errors/outage.ts'
import { json } from '../../../../test/e2e/support/fake-issuer.ts'
import { outageOf } from '../../../../test/e2e/support/scene.ts'
import { createIssuer } from './create.ts'

const url = 'https://id.test'

/** What an issuer with this `jwks_uri` fails with, and what was asked for. */
async function outageWith(jwksUri: string, keys: () => Response) {
  const calls: string[] = []
  const issuer = createIssuer({
    issuer: url,
    fetch: (input) => {
      const address = input instanceof Request ? input.url : String(input)
      calls.push(address)
      const wanted = address.includes('/.well-known/')
      return Promise.resolve(wanted ? json({ issuer: url, jwks_uri: jwksUri }) : keys())
    },
  })
  return { outage: await outageOf(() => issuer.prewarm()), calls }
}

const everything = ({ message, url: where, detail }: Outage & { readonly detail?: string }) =>
  JSON.stringify([message, where, detail])

const away = () => new Response('', { status: 500 })
const garbage = () => json({ keys: 'none' })

describe('the query of a jwks_uri stands in no outage', () => {
  test.each<[how: string, keys: () => Response]>([
    ['that answers 500', away],
    ['whose answer is no key set', garbage],
    ['whose answer is no JSON', () => new Response('<html>')],
    [
      'that redirects elsewhere',
      () => new Response(null, { status: 302, headers: { location: 'https://b.test/?p=hunter2' } }),
    ],
  ])('%s', async (_how, keys) => {
    const { outage, calls } = await outageWith(`${url}/keys?p=hunter2#hunter2`, keys)
    expect(calls.at(-1)).toContain('?p=hunter2')
    expect(outage.url).toBe(`${url}/keys`)
    expect(everything(outage)).not.toContain('hunter2')
    expect(String(outage.again(3).message)).not.toContain('hunter2')
  })
})

describe('credentials in an address', () => {
  test.each(['https://hunter2@id.test/keys', 'https://u:hunter2@id.test/keys'])(
    'make it no place for keys: %s',
    async (jwksUri) => {
      const { outage, calls } = await outageWith(jwksUri, () => json({ keys: [] }))
      expect(outage.message).toContain('no user name')
      expect(everything(outage)).not.toMatch(/hunter2|u:/)
      expect(calls).toEqual([`${url}/.well-known/openid-configuration`])
    },
  )

  test('end a redirect, and are repeated nowhere', async () => {
    const headers = { location: 'https://u:hunter2@id.test/other' }
    const moved = () => new Response(null, { status: 302, headers })
    const { outage, calls } = await outageWith(`${url}/keys`, moved)
    expect(outage.message).toContain('no user name')
    expect(everything(outage)).not.toContain('hunter2')
    expect(calls).toHaveLength(2)
  })

  test.each([
    ['https://u:hunter2@id.test/keys?a=hunter2#hunter2', 'https://id.test/keys'],
    ['https://id.test/keys', 'https://id.test/keys'],
    ['hunter2@nowhere', 'an address that is no URL'],
  ])('are left out of whatever an outage is made of: %s', (given, shown) => {
    const outage = new Outage('keys_unreachable', 'down', { url: given })
    expect([outage.url, outage.again(1).url]).toEqual([shown, shown])
    expect(outage.message).not.toContain('hunter2')
  })
})
