import { randomBytes } from 'node:crypto'
import { getHeapSnapshot, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createDirectAuthentication, okta, type DirectState } from '@portcullis/okta'
import { expect, it } from 'vitest'

// Among the end-to-end tests because these have a process for each file: beside the heap of a hundred
// others a snapshot takes half a minute.

setFlagsFromString('--expose-gc')
// What the flag puts into every new context.
const collect = runInNewContext('gc') as () => void

// Kept as bytes, which stand outside of the heap: as texts the test itself would hold them.
const [password, mfaToken] = [randomBytes(9), randomBytes(9)]
// In one piece: a snapshot shows texts that were put together in pieces.
const textOf = (secret: Buffer): string => secret.toString('hex')

/** Which of the secrets stand in the heap. */
async function found(): Promise<readonly string[]> {
  // Promises and finalisers want a turn of their own.
  await new Promise((resolve) => {
    setTimeout(resolve, 20)
  })
  collect()
  const snapshot = getHeapSnapshot()
  const names = new Set<string>()
  let rest = ''
  for await (const chunk of snapshot) {
    const text = rest + String(chunk)
    if (text.includes(textOf(password))) names.add('password')
    if (text.includes(textOf(mfaToken))) names.add('mfa_token')
    rest = text.slice(-100)
  }
  return [...names].toSorted()
}

const direct = createDirectAuthentication({
  server: okta({ domain: 'acme.okta.com' }),
  client: { id: 'app' },
  fetch: () =>
    Promise.resolve(
      Response.json({ error: 'mfa_required', mfa_token: textOf(mfaToken) }, { status: 403 }),
    ),
})

const signIn = async (): Promise<DirectState> => {
  const answer = await direct.password({ username: 'ada', password: textOf(password) })
  if (answer.status === 'mfa_required') return answer.state
  throw new Error(answer.status)
}

it('holds a password for the time of the call, and an mfa_token for that of its state', async () => {
  const held: { state?: DirectState; password?: string } = { state: await signIn() }
  expect(await found()).toEqual(['mfa_token'])
  held.password = textOf(password)
  expect(await found()).toEqual(['mfa_token', 'password'])
  delete held.password
  delete held.state
  expect(await found()).toEqual([])
}, 60_000)
