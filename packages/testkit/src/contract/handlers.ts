import assert from 'node:assert/strict'
import type { Handler, HttpRequest } from '@portcullis/core'
import type { Bench } from './bench.ts'

/** What `routes` does with a handler of the core. */
export function handlers({ it, bearer, can, serving }: Bench): void {
  const paths = (answer: Handler): Handler => {
    return async (request) =>
      new URL(request.url).pathname === '/mine' ? answer(request) : undefined
  }

  it('a reply is sent as it is: status, repeated fields, body', () => {
    const handler = paths(async () => ({
      status: 303,
      headers: [
        ['Location', '/login'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
      body: 'see there',
    }))
    return serving({ handler }, async ({ send }) => {
      const received = await send({ path: '/mine' })
      assert.deepEqual([received.status, received.text], [303, 'see there'])
      assert.deepEqual(received.field('location'), ['/login'])
      assert.deepEqual(received.field('set-cookie'), ['a=1', 'b=2'])
    })
  })

  it('a reply without a body has none', () =>
    serving({ handler: paths(async () => ({ status: 204, headers: [] })) }, async ({ send }) => {
      const received = await send({ path: '/mine' })
      assert.deepEqual([received.status, received.text], [204, ''])
    }))

  it('a reply without a body keeps its status', () =>
    serving({ handler: paths(async () => ({ status: 400, headers: [] })) }, async ({ send }) => {
      assert.deepEqual([(await send({ path: '/mine' })).status], [400])
    }))

  it('a request that is not its own goes on to the routes behind it', () =>
    serving({ handler: paths(async () => ({ status: 204, headers: [] })) }, async ({ send }) => {
      const received = await send({ fields: [await bearer()] })
      assert.equal(received.status, 200, received.text)
      assert.equal((await send()).status, 401)
    }))

  it('the handler reads method, fields and form', () => {
    const read = async ({ method, header, form }: HttpRequest) => ({
      status: 200,
      headers: [],
      body: [method, header('x-thing'), (await form()).get('a')].join(),
    })
    return serving({ handler: paths(read) }, async ({ send }) => {
      const type = ['Content-Type', 'application/x-www-form-urlencoded'] as const
      const sent = {
        method: 'POST',
        path: '/mine',
        fields: [type, ['X-Thing', 'y']],
        body: 'a=b+c',
      } as const
      assert.equal((await send(sent)).text, 'POST,y,b c')
    })
  })

  it('a handler that rejects: 500', () =>
    serving({ handler: () => Promise.reject(new Error('a bug')) }, async ({ send, reached }) => {
      assert.equal((await send({ fields: [await bearer()] })).status, 500)
      assert.equal(reached(), 0)
    }))

  if (can('errorHandler')) {
    it("a handler that rejects is seen by the application's own error handler", () => {
      const bug = new Error('a bug')
      const seen: unknown[] = []
      const onError = (error: unknown) => {
        seen.push(error)
        return 418
      }
      return serving({ handler: () => Promise.reject(bug), onError }, async ({ send }) => {
        assert.equal((await send()).status, 418)
        assert.deepEqual(seen, [bug])
      })
    })
  }
}
