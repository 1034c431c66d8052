import assert from 'node:assert/strict'
import { watchUrls, type Bench } from './bench.ts'

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

const forwarded = (host: string): readonly (readonly [string, string])[] => [
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', host],
]
