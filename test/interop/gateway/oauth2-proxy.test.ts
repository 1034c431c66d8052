import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith } from '../../support/binaries.ts'
import { startForeignNginx, type Site } from './support/foreign-nginx.ts'
import { arrivedUnder } from './support/upstream.ts'
import { ask, valuesOf, type WireAnswer, type WireRequest } from './support/wire.ts'
import type { GatewayWorld } from './support/world.ts'

// As users of oauth2-proxy have it; the last three fields of the check are what they add.
const site = ({ listen, gateway, upstream }: Site): string => `
server {
  listen 127.0.0.1:${listen};

  location = /oauth2/auth {
    internal;
    proxy_pass http://127.0.0.1:${gateway};
    proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-Uri $request_uri;
    proxy_set_header Content-Length "";
    proxy_pass_request_body off;
    proxy_set_header X-Forwarded-Method $request_method;
    proxy_set_header X-Forwarded-Host $host;
    proxy_set_header X-Forwarded-Proto $scheme;
  }

  location / {
    auth_request /oauth2/auth;
    auth_request_set $user $upstream_http_x_auth_request_user;
    auth_request_set $email $upstream_http_x_auth_request_email;
    auth_request_set $groups $upstream_http_x_auth_request_groups;
    proxy_set_header X-User $user;
    proxy_set_header X-Email $email;
    proxy_set_header X-Groups $groups;
    proxy_pass http://127.0.0.1:${upstream};
  }

  location /by-group/ {
    auth_request /narrowed;
    proxy_pass http://127.0.0.1:${upstream};
  }

  location = /narrowed {
    internal;
    proxy_pass http://127.0.0.1:${gateway}/oauth2/auth?allowed_groups=admins;
    proxy_set_header X-Forwarded-Uri $request_uri;
    proxy_set_header X-Forwarded-Method $request_method;
    proxy_set_header X-Forwarded-Host $host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Content-Length "";
    proxy_pass_request_body off;
  }
}
`

describeWith(['nginx'], 'nginx as it was configured for oauth2-proxy', (binary = '') => {
  let world: GatewayWorld
  let close: () => Promise<void>
  let port = 0
  beforeAll(async () => {
    ;({ world, port, close } = await startForeignNginx(binary, site, {
      routes: [
        { path: '/public/**', allow: 'anonymous' },
        { path: '/orders/{id}', rules: { claims: { groups: 'staff' } } },
        { path: '/by-group/**' },
      ],
      identity: {},
    }))
  })
  afterAll(() => close())

  const token = (groups: readonly string[]): Promise<string> =>
    world.issuer.tokens.issueToken({ groups, email: 'one@example.com', email_verified: true })

  const send = (
    bearer: string | undefined,
    request: Omit<WireRequest, 'port'> = {},
  ): Promise<WireAnswer> => {
    const own = bearer === undefined ? [] : [['Authorization', `Bearer ${bearer}`] as const]
    return ask({ ...request, port, fields: [...(request.fields ?? []), ...own] })
  }

  it('passes on who it is, and never what the client says', async () => {
    const forged = ['X-User', 'X-Email', 'X-Groups', 'X-Auth-Request-User']
    const answer = await send(await token(['staff', 'buyers']), {
      fields: forged.map((name) => [name, 'admin'] as const),
    })
    expect(answer.status).toBe(200)
    const last = world.upstream.last()
    if (last === undefined) throw new Error('nothing arrived')
    expect(arrivedUnder(last, 'x-user')).toEqual(['user-1'])
    expect(arrivedUnder(last, 'x-email')).toEqual(['one@example.com'])
    expect(arrivedUnder(last, 'x-groups')).toEqual(['staff,buyers'])
  })

  it('passes on nobody where nobody is known', async () => {
    const fields = [['X-User', 'admin'] as const]
    expect((await send(undefined, { target: '/public/x', fields })).status).toBe(200)
    const last = world.upstream.last()
    if (last === undefined) throw new Error('nothing arrived')
    expect(arrivedUnder(last, 'x-user')).toEqual([])
  })

  it('answers 401 with a challenge, or 403, and sends nobody to a login', async () => {
    const before = world.upstream.arrivals.length
    const nobody = await send(undefined)
    expect(nobody.status).toBe(401)
    expect(valuesOf(nobody, 'www-authenticate')).toEqual(['Bearer'])
    expect(valuesOf(nobody, 'location')).toEqual([])
    expect((await send('no.such.token')).status).toBe(401)
    expect((await send(await token(['guests']))).status).toBe(403)
    expect(world.upstream.arrivals).toHaveLength(before)
  })

  it('grants nothing for a condition in a query, the client’s or the configuration’s', async () => {
    const guest = await token(['guests'])
    const before = world.upstream.arrivals.length
    for (const query of ['allowed_groups=guests', 'allowed_emails=one@example.com']) {
      expect((await send(guest, { target: `/orders/1?${query}` })).status).toBe(403)
    }
    for (const groups of [['admins'], ['staff']]) {
      expect((await send(await token(groups), { target: '/by-group/x' })).status).toBe(403)
    }
    expect(world.upstream.arrivals).toHaveLength(before)
  })
})
