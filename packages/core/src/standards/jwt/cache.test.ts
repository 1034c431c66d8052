import { expect, test } from 'vitest'
import { createScene, refusalOf, start } from '../../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../../test/e2e/support/signing.ts'
import { createWorth } from './worth.ts'

const at = createScene(createTestKey('EdDSA'))
const { isSampled } = createWorth(1000)
const verifier = () => at.verifier({}, { cache: {} })

/** Two different objects say that the token was verified twice. */
async function isRemembered(verify: ReturnType<typeof verifier>, token: string): Promise<boolean> {
  const [first, second] = [await verify(token), await verify(token)]
  return first.claims === second.claims
}

let serial = 0
const fresh = (): string => at.token({ jti: `token-${serial++}` })
const freshOf = (isWanted: (token: string) => boolean): string => {
  for (;;) {
    const token = fresh()
    if (isWanted(token)) return token
  }
}

async function verifyAll(verify: ReturnType<typeof verifier>, tokens: readonly string[]) {
  for (const token of tokens) await verify(token)
}

test('claims that requests share are frozen; without a cache nobody shares them', async () => {
  const token = at.token({ roles: [{ name: 'staff' }] })
  const shared = await verifier()(token)
  expect(Object.isFrozen(shared.claims)).toBe(true)
  expect(shared.claims['roles']).toSatisfy(([role]: object[]) => Object.isFrozen(role))
  const alone = await at.verifier({}, { cache: false })(token)
  expect(Object.isFrozen(alone.claims)).toBe(false)
  expect(alone.scopes).toSatisfy(Object.isFrozen)
})

test('where no token comes again, only a sample is remembered', async () => {
  const verify = verifier()
  expect(await isRemembered(verify, fresh())).toBe(true)
  await verifyAll(
    verify,
    Array.from({ length: 2000 }, () => fresh()),
  )
  expect(await isRemembered(verify, freshOf(isSampled))).toBe(true)
  expect(
    await isRemembered(
      verify,
      freshOf((token) => !isSampled(token)),
    ),
  ).toBe(false)
})

test('when tokens come again, all are remembered again', async () => {
  const verify = verifier()
  await verifyAll(
    verify,
    Array.from({ length: 2000 }, () => fresh()),
  )
  const few = Array.from({ length: 100 }, () => fresh())
  for (let round = 0; round < 5; round++) await verifyAll(verify, few)
  for (const token of few.slice(0, 20)) expect(await isRemembered(verify, token)).toBe(true)
})

test('what is not remembered is judged anew each time', async () => {
  const verify = verifier()
  await verifyAll(
    verify,
    Array.from({ length: 2000 }, () => fresh()),
  )
  const short = { exp: start + 5 }
  const token = freshOf((one) => !isSampled(one))
  const ending = at.token({ ...short, jti: 'ending' })
  await verifyAll(verify, [token, ending])
  at.clock.advance(11)
  await verify(token)
  expect((await refusalOf(() => verify(ending))).code).toBe('token_expired')
})

test('a flood of forged tokens changes nothing', async () => {
  const verify = verifier()
  const forged = createScene(createTestKey('EdDSA'))
  for (let count = 0; count < 3000; count++) {
    await refusalOf(() => verify(forged.token({ jti: `forged-${count}` })))
  }
  expect(
    await isRemembered(
      verify,
      freshOf((token) => !isSampled(token)),
    ),
  ).toBe(true)
})
