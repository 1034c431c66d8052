import {
  createLogin,
  memorySessions,
  sealedSessions,
  storedSessions,
  type LoginOptions,
  type Sessions,
} from '@portcullis/core'
import {
  createAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerOptions,
} from '@portcullis/testkit'
import type { Browser, Page } from 'playwright-core'
import { freePort } from '../../support/free-port.ts'
import { serveLogin, type Served } from '../../support/login-apps.ts'
import { makeCertificate } from './certificate.ts'
import { launch, trusting, typeIn } from './chromium.ts'
import { startNginx, usualFields, type Nginx } from './nginx.ts'
import { proxiedHosts, resource, type ProxiedHost } from './proxied-apps.ts'

const secrets = ['a secret of at least thirty-two characters']

export const stored = (): Sessions => storedSessions(memorySessions(), { secrets })
export const sealed = (): Sessions => sealedSessions({ secrets })

/** One way to stand behind nginx. */
export interface Stand {
  readonly name: string
  /** Where browsers find it below its name. */
  readonly path?: string
  /** Where its routes begin, as it sees them itself. Default `path`. */
  readonly mount?: string
  readonly trusts?: boolean
  /** Other origins that it answers to. */
  readonly others?: readonly string[]
  /** The directives of its server, by the URL of the application. */
  readonly directives?: (upstream: string) => string
  readonly options: () => Partial<LoginOptions> & { readonly sessions: Sessions }
}

/** nginx with TLS before applications, and a browser before nginx. */
export interface ProxiedWorld {
  readonly server: AuthorizationServer
  readonly nginx: Nginx
  readonly ca: string
  readonly port: number
  readonly newPage: () => Promise<Page>
  /** The base URL of a stand. */
  readonly urlOf: (host: string, stand: string) => string
  readonly signIn: (page: Page, url: string, user?: string) => Promise<void>
  readonly close: () => Promise<void>
}

const everything = (upstream: string): string => `
    location / {
      proxy_pass ${upstream};${usualFields}
    }`

export interface Programs {
  readonly nginx: string
  readonly openssl: string
  readonly chromium: string
}

/** Builds it all; every stand once for every host. */
export async function createProxiedWorld(
  programs: Programs,
  stands: readonly Stand[],
  more: AuthorizationServerOptions = {},
): Promise<ProxiedWorld> {
  const server = await createAuthorizationServer({ signInAs: false, ...more })
  const certificate = await makeCertificate(programs.openssl, ['*.app.test'])
  const port = await freePort()
  const nameOf = (host: string, stand: string): string => `${stand}-${host}.app.test`
  const urls = new Map<string, string>()
  const served: Served[] = []
  const raise = async (host: ProxiedHost, stand: Stand) => {
    const name = nameOf(host.name, stand.name)
    const url = `https://${name}:${port}${stand.path ?? ''}`
    urls.set(name, url)
    const app = await serveLogin(() => listenerOf(server, host, stand, url))
    served.push(app)
    return { name, directives: (stand.directives ?? everything)(app.url) }
  }
  const sites = await Promise.all(
    proxiedHosts.flatMap((host) => stands.map((stand) => raise(host, stand))),
  )
  addClient(server, [...urls.values()])
  const nginx = await startNginx({ binary: programs.nginx, port, certificate, sites })
  const browser: Browser = await launch(programs.chromium, trusting(certificate.spki))
  return {
    server,
    nginx,
    ca: certificate.ca,
    port,
    newPage: async () => (await browser.newContext()).newPage(),
    urlOf: (host, stand) => urls.get(nameOf(host, stand)) ?? '',
    signIn: async (page, url, user = 'alice') => {
      await page.goto(url)
      await typeIn(page, user)
      await page.waitForURL(url)
    },
    close: async () => {
      await browser.close()
      await nginx.close()
      await Promise.all([...served.map((one) => one.close()), certificate.close(), server.close()])
    },
  }
}

function listenerOf(server: AuthorizationServer, host: ProxiedHost, stand: Stand, url: string) {
  const { path = '', mount = path, trusts = false, others = [], options } = stand
  const login = createLogin({
    issuer: server.issuer,
    client: { id: 'secure', secret: 'secure-secret' },
    baseUrl: [url, ...others],
    parameters: { scope: 'openid profile offline_access', resource },
    ...options(),
  })
  return host.app({ login, path, mount, trusts })
}

function addClient({ addClient: add }: AuthorizationServer, urls: readonly string[]): void {
  add({
    client_id: 'secure',
    client_secret: 'secure-secret',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: urls.map((url) => `${url}/callback`),
    post_logout_redirect_uris: urls.map((url) => `${url}/`),
  })
}
