import { expect, test } from 'vitest'
import {
  allowed,
  challenge,
  identity,
  refused,
  unavailable,
} from '../../../../test/support/gateway-question.ts'
import { createNginx } from './nginx.ts'

const { write } = createNginx()

test('allows with 204 and every field of the identity, the empty ones too', () => {
  expect(write(allowed({ identity }))).toEqual({
    status: 204,
    headers: [...identity, ['Cache-Control', 'no-store']],
  })
})

test('hands fields for the client over beside the identity', () => {
  const toClient = [['DPoP-Nonce', 'n']] as const
  expect(write(allowed({ toClient })).headers).toContainEqual(['DPoP-Nonce', 'n'])
})

test('lets nginx remember only what may be remembered, in whole seconds', () => {
  expect(write(allowed({ freshFor: 3.9 })).headers).toEqual([['X-Accel-Expires', '3']])
  expect(write(allowed({ freshFor: 0.9 })).headers).toEqual([['Cache-Control', 'no-store']])
  expect(write(allowed()).headers).toEqual([['Cache-Control', 'no-store']])
})

test.each([401, 403] as const)('%i is said as it is, without a body', (status) => {
  expect(write(refused(status, [challenge]))).toEqual({
    status,
    headers: [challenge, ['Cache-Control', 'no-store'], ['Content-Length', '0']],
  })
})

test('400, of which nginx would make a 500, travels in a 403', () => {
  expect(write(refused(400, [challenge]))).toEqual({
    status: 403,
    headers: [
      challenge,
      ['X-Portcullis-Status', '400'],
      ['Cache-Control', 'no-store'],
      ['Content-Length', '0'],
    ],
  })
})

test('an outage is a 503 that says when to come again', () => {
  expect(write(unavailable(2.1))).toEqual({
    status: 503,
    headers: [
      ['Retry-After', '3'],
      ['Cache-Control', 'no-store'],
      ['Content-Length', '0'],
    ],
  })
  expect(write(unavailable(0)).headers).toContainEqual(['Retry-After', '1'])
})

test('nothing that nginx would take for something else is ever sent', () => {
  const answers = [allowed({ identity }), refused(400), refused(401), refused(403), unavailable()]
  const replies = answers.map((answer) => write(answer))
  expect(replies.map(({ status }) => status)).toEqual([204, 403, 401, 403, 503])
  expect(replies.map(({ body }) => body)).toEqual(answers.map(() => undefined))
  const names = replies.flatMap(({ headers }) => headers.map(([name]) => name.toLowerCase()))
  expect(names).not.toContain('etag')
  expect(names).not.toContain('location')
})
