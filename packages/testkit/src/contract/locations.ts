import assert from 'node:assert/strict'
import { satisfies } from '@portcullis/core'
import { watchUrls, type Bench, type Field } from './bench.ts'
import { knock } from './knock.ts'

/** The URL that rules and sender constraints see is the client's, wherever the route lives. */
export function locations({ it, can, bearer, serving }: Bench): void {
  it('the URL is absolute, with port and query', () => {
    const { rule, seen } = watchUrls()
    return serving({ rules: [rule] }, async ({ send, url }) => {
      await send({ path: '/guarded?a=1&b=%2F', fields: [await bearer()] })
      assert.deepEqual(seen, [`${url}/guarded?a=1&b=%2F`])
    })
  })

  it('X-Forwarded-* is not believed unasked', () => {
    const { rule, seen } = watchUrls()
    return serving({ rules: [rule] }, async ({ send, url }) => {
      await send({ fields: [await bearer(), ...forwarded('public.test:8443')] })
      assert.deepEqual(seen, [`${url}/guarded`])
    })
  })

  if (can('mounting')) {
    it('in a mounted router the principal is there, and the URL is whole', () => {
      const { rule, seen } = watchUrls()
      return serving({ rules: [rule], mount: '/api/v1' }, async ({ send, url }) => {
        const received = await send({ path: '/api/v1/guarded?x=1', fields: [await bearer()] })
        assert.equal(received.status, 200, received.text)
        assert.equal(Object(received.json()).subject, 'user-1')
        assert.deepEqual(seen, [`${url}/api/v1/guarded?x=1`])
      })
    })
  }

  if (can('proxy')) {
    it('behind a proxy that is trusted, the URL is the public one, with its port', () => {
      const { rule, seen } = watchUrls()
      return serving({ rules: [rule], proxy: true }, async ({ send }) => {
        await send({ fields: [await bearer(), ...forwarded('public.test:8443')] })
        await send({ fields: [await bearer(), ...forwarded('public.test')] })
        assert.deepEqual(seen, ['https://public.test:8443/guarded', 'https://public.test/guarded'])
      })
    })

    it('a trusted proxy that forwards nothing changes nothing', () => {
      const { rule, seen } = watchUrls()
      return serving({ rules: [rule], proxy: true }, async ({ send, url }) => {
        await send({ fields: [await bearer()] })
        assert.deepEqual(seen, [`${url}/guarded`])
      })
    })
  }
}

/** Which path was asked for is the target's to say: a rule must not judge another one. */
export function forgeries({ it, can, bearer, serving }: Bench): void {
  const refused = (proxy: boolean, target: string, poison: readonly Field[]) =>
    serving({ rules: [onlyPublic], proxy }, async ({ url, reached }) => {
      const host: Field = ['Host', new URL(url).host]
      const given = poison.some(([name]) => name === 'Host') ? poison : [host, ...poison]
      const status = await knock(url, { target, fields: [...given, await bearer()] })
      assert.deepEqual([status, reached()], [403, 0])
    })

  for (const host of ['a.test/public?', 'a.test/public#', 'x:y', 'a b', 'u@a.test', '']) {
    it(`the Host '${host}' does not forge the path`, () =>
      refused(false, '/guarded', [['Host', host]]))
  }

  for (const authority of ['a.test', 'a.test:1', 'public.test', 'user@a.test']) {
    it(`a target of the absolute form, of ${authority}, does not forge the path`, () =>
      refused(false, `http://${authority}/guarded`, []))
  }

  if (can('proxy')) {
    for (const host of ['a.test/public?', 'a.test/public#, b.test', 'x:y']) {
      it(`what a trusted proxy forwards as the host, '${host}', does not forge the path`, () =>
        refused(true, '/guarded', forwarded(host)))
    }

    it('what a trusted proxy forwards as the protocol does not forge the path', () =>
      refused(true, '/guarded', [['X-Forwarded-Proto', 'https://a.test/public?']]))
  }
}

const onlyPublic = satisfies((_, { url }) => new URL(url).pathname.startsWith('/public'))

const forwarded = (host: string): readonly (readonly [string, string])[] => [
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', host],
]
