import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { authorizedFetch, createClient, createGuard, principal, protect } from '@portcullis/express'
import { createTokenIssuer } from '@portcullis/testkit'
import express from 'express'
import { decodeJwt } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { rejection } from './support/endpoints.ts'

const grant = (name: string) => `urn:ietf:params:oauth:grant-type:${name}`
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'

const readForm = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

// An authorization server with the grants that the big one of the testkit lacks.
const desk = createServer((request, response) => {
  const answer = async () => {
    if (request.url !== '/token') {
      return { issuer: at, token_endpoint: `${at}/token`, jwks_uri: `${at}/jwks`, ...issuer.jwks }
    }
    return trade(await readForm(request))
  }
  answer().then(
    (body) => {
      response.writeHead('error' in body ? 400 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    },
    () => response.destroy(),
  )
})
const listen = (server: ReturnType<typeof createServer>): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      // A server that listens on a port has an address of this kind.
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
  })
const at: string = await listen(desk)
const issuer = createTokenIssuer({ issuer: at })

const trade = async (form: URLSearchParams): Promise<object> => {
  const bearer = { token_type: 'Bearer', expires_in: 300 }
  const subject = form.get('subject_token') ?? form.get('assertion')
  if (form.get('grant_type') === 'password') {
    return form.get('password') === 'open sesame'
      ? { ...bearer, access_token: await issuer.issueToken({ sub: form.get('username') }) }
      : { error: 'invalid_grant', error_description: 'The credentials provided were invalid.' }
  }
  const { sub, exp = 0 } = decodeJwt(subject ?? '')
  if (exp < Date.now() / 1000) return { error: 'invalid_grant', error_description: 'It is old.' }
  const aud = form.get('audience') ?? undefined
  const access_token = await issuer.issueToken({ sub, aud, act: { sub: 'front' } })
  return form.get('grant_type') === grant('token-exchange')
    ? { ...bearer, access_token, issued_token_type: accessTokenType }
    : { ...bearer, access_token }
}

// The back service, which knows its own audience only.
const back = express()
const guard = createGuard({ issuer: at, audience: 'https://back.test' })
back.get('/who', protect(guard), (req, res) => {
  const { subject, claims } = principal(req)
  res.json({ subject, actor: claims['act'] })
})
const backServer = createServer(back)
const backUrl = await listen(backServer)

// The front service calls it on behalf of its callers.
const client = createClient({ issuer: at, client: { id: 'front', secret: 'front-secret' } })
const front = express()
const whoThere = async (incoming: string): Promise<unknown> => {
  const call = authorizedFetch({
    token: async () => (await client.onBehalfOf(incoming, { audience: 'https://back.test' })).token,
    origins: [backUrl],
  })
  return (await call(`${backUrl}/who`)).json()
}
front.get(
  '/who',
  protect(createGuard({ issuer: at, audience: 'https://api.test' })),
  (req, res, next) => {
    whoThere(principal(req).token).then((who) => res.json(who), next)
  },
)
const frontServer = createServer(front)
const frontUrl = await listen(frontServer)

afterAll(() => {
  for (const server of [desk, backServer, frontServer]) {
    server.closeAllConnections()
    server.close()
  }
})

test('a service calls another on behalf of whoever called it', async () => {
  const headers = { Authorization: `Bearer ${await issuer.issueToken({ sub: 'alice' })}` }
  expect((await fetch(`${backUrl}/who`, { headers })).status).toBe(401)
  const answer = await fetch(`${frontUrl}/who`, { headers })
  expect(await answer.json()).toEqual({ subject: 'alice', actor: { sub: 'front' } })
})

describe('an assertion (RFC 7523)', () => {
  test('is traded', async () => {
    const assertion = await issuer.issueToken({ sub: 'robot-7', aud: at })
    const { accessToken } = await client.jwtBearer(assertion, { audience: 'https://back.test' })
    expect(decodeJwt(accessToken)).toMatchObject({ sub: 'robot-7', aud: 'https://back.test' })
  })

  test('that is old is refused, and not repeated', async () => {
    const assertion = await issuer.issueToken({ exp: 1 })
    const error = await rejection(client.jwtBearer(assertion))
    expect(error).toMatchObject({ code: 'grant_refused', reason: expect.stringContaining('old') })
    expect(JSON.stringify(error)).not.toContain(assertion)
  })
})

describe('name and password, once the risk was named', () => {
  const legacy = createClient({
    issuer: at,
    client: { id: 'old', secret: 's' },
    legacyPasswordGrant: 'exposes-passwords-to-this-application',
  })

  test('are traded', async () => {
    const got = await legacy.password({ username: 'alice', password: 'open sesame' })
    expect(decodeJwt(got.accessToken).sub).toBe('alice')
  })

  test('are refused, and not repeated', async () => {
    const error = await rejection(legacy.password({ username: 'alice', password: 'open barley' }))
    expect(error).toMatchObject({ code: 'grant_refused', trail: { presented: 'invalid_grant' } })
    expect(JSON.stringify(error) + String(error)).not.toContain('barley')
  })
})
