import { expect, test, vi } from 'vitest'
import { createIssuer } from '../issuer/create.ts'
import { clientSecretBasic } from './authentication.ts'
import { createLoginClient } from './client.ts'

const loaded = vi.hoisted((): string[] => [])

vi.mock('oauth4webapi', (original) => {
  loaded.push('oauth4webapi')
  return original()
})
vi.mock('jose', (original) => {
  loaded.push('jose')
  return original()
})

test('the protocol is loaded when somebody is asked for the first time', async () => {
  const issuer = createIssuer({
    issuer: 'https://id.test',
    metadata: { issuer: 'https://id.test', token_endpoint: 'https://id.test/token' },
  })
  const fetch = () => Promise.resolve(Response.json({ access_token: 'a', token_type: 'Bearer' }))
  const readSigned = () => Promise.reject(new Error('there is nothing to read'))
  const options = { id: 'web', authentication: clientSecretBasic('s') }
  const client = createLoginClient({ issuer, options, readSigned, fetch })
  await client.server()
  expect(loaded).toEqual([])
  await client.refresh('r')
  expect(loaded).toEqual(['oauth4webapi'])
})
