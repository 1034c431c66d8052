import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { fromNode } from './node.ts'

const view = {
  address: () => ({ protocol: 'https', host: 'api.test', target: '/' }),
  body: () => undefined,
}

// serverless-http leaves the list of raw fields empty, node-mocks-http has none.
test.each([
  ['an empty list of raw fields', { rawHeaders: [] }],
  ['no list of raw fields', {}],
])('a request that was made up, with %s, has the fields that it says are parsed', (_what, raw) => {
  const made = { ...raw, headers: { authorization: 'Bearer a', via: ['a', 'b'] } }
  const { header } = fromNode(made as unknown as IncomingMessage, undefined, view)
  expect([header('authorization'), header('via'), header('x-none')]).toEqual([
    'Bearer a',
    'a, b',
    undefined,
  ])
})
