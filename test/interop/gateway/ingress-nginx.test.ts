import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith } from '../../support/binaries.ts'
import { startForeignNginx, type Site } from './support/foreign-nginx.ts'
import { arrivedUnder } from './support/upstream.ts'
import { ask, type WireAnswer, type WireRequest } from './support/wire.ts'
import type { GatewayWorld } from './support/world.ts'

// What it makes of auth-url, of auth-response-headers: Authorization, and of proxy-buffer-size: 16k.
const site = ({ listen, gateway, upstream }: Site): string => `
server {
  listen 127.0.0.1:${listen};

  location = /_external-auth {
    internal;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header X-Forwarded-Proto "";
    proxy_set_header X-Request-ID $request_id;
    proxy_set_header Host portcullis.auth.svc.cluster.local;
    proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
    proxy_set_header X-Original-Method $request_method;
    proxy_set_header X-Sent-From nginx-ingress-controller;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Auth-Request-Redirect $request_uri;
    proxy_buffering off;
    proxy_buffer_size 16k;
    proxy_buffers 4 16k;
    client_max_body_size 1m;
    proxy_pass http://127.0.0.1:${gateway}/oauth2/auth;
  }

  location / {
    auth_request /_external-auth;
    auth_request_set $authHeader0 $upstream_http_authorization;
    proxy_set_header Authorization $authHeader0;
    proxy_set_header Host $host;
    proxy_pass http://127.0.0.1:${upstream};
  }
}
`

describeWith(['nginx'], 'nginx as ingress-nginx configures it', (binary = '') => {
  let world: GatewayWorld
  let close: () => Promise<void>
  let port = 0
  beforeAll(async () => {
    ;({ world, port, close } = await startForeignNginx(binary, site, {
      routes: [
        { path: '/public/**', allow: 'anonymous' },
        { path: '/x', host: 'public.test', allow: 'anonymous' },
        { path: '/orders/{id}', rules: { scopes: ['orders:read'] } },
      ],
    }))
  })
  afterAll(() => close())

  const send = async (request: Omit<WireRequest, 'port'> = {}): Promise<WireAnswer> => {
    const good = await world.issuer.tokens.issueToken({ scope: 'orders:read' })
    const fields = [...(request.fields ?? []), ['Authorization', `Bearer ${good}`] as const]
    return ask({ ...request, port, fields })
  }

  it('lets pass whom the gateway lets pass, with the internal token', async () => {
    expect((await send()).status).toBe(200)
    const last = world.upstream.last()
    if (last === undefined) throw new Error('nothing arrived')
    expect(arrivedUnder(last, 'authorization')[0]).toMatch(/^Bearer ey/)
    expect((await ask({ port })).status).toBe(401)
    expect((await ask({ port, target: '/public/x' })).status).toBe(200)
    expect((await send({ target: '/nowhere' })).status).toBe(403)
  })

  it.each<[string, Omit<WireRequest, 'port'>]>([
    ['a body', { method: 'POST', body: 'one=1' }],
    ['a condition', { fields: [['If-None-Match', '*']] }],
    [
      'an upgrade',
      {
        fields: [
          ['Connection', 'Upgrade'],
          ['Upgrade', 'websocket'],
        ],
      },
    ],
    ['a query', { target: '/orders/1?a=b&allowed_groups=x' }],
    [
      'fields of a proxy before it',
      {
        fields: [
          ['X-Forwarded-Host', 'a.test'],
          ['X-Forwarded-Proto', 'https'],
        ],
      },
    ],
  ])('asks about %s as about any other', async (_, request) => {
    expect((await send(request)).status).toBe(200)
  })

  it('asks about a body in pieces as about any other', async () => {
    const good = await world.issuer.tokens.issueToken({ scope: 'orders:read' })
    const head = `POST /orders/1 HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer ${good}\r\n`
    const rest = 'Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n'
    expect((await ask({ port, text: head + rest })).status).toBe(200)
    expect(world.upstream.last()?.body).toBe('one')
  })

  // The page says so of hosts: the controller tells the field, whatever Ingress it chose.
  it('is told the host of the field where the target names another', async () => {
    const text =
      'GET http://admin.test/x HTTP/1.1\r\nHost: public.test\r\nConnection: close\r\n\r\n'
    expect((await ask({ port, text })).status).toBe(200)
    expect(world.upstream.last()?.fields).toContainEqual(['Host', 'admin.test'])
  })

  it.each([
    ['another path', [['X-Forwarded-Uri', '/public/x']]],
    ['another method', [['X-Forwarded-Method', 'GET']]],
    ['another address', [['X-Original-URL', 'http://api.test/public/x']]],
  ] as const)('lets nobody say %s', async (_, fields) => {
    const answer = await ask({ port, fields })
    expect([401, 403]).toContain(answer.status)
  })
})
