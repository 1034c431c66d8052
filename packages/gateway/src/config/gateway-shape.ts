import type {
  AdminConfig,
  DialectName,
  DrainConfig,
  GatewayConfig,
  IdentityConfig,
  InternalTokenConfig,
  ListenerConfig,
  RedisConfig,
} from './config.ts'
import { publishedAhead } from '../identity/signing-keys.ts'
import { issuerShape } from './issuer-shape.ts'
import { count, flag, oneOf, seconds } from './leaves.ts'
import { routeShape } from './route-shape.ts'
import { either, list, map, may, need, object, type Shape, type Tell, type Path } from './shape.ts'
import * as texts from './texts.ts'

const dialect: Shape<DialectName> = oneOf(
  'nginx',
  'forward-auth',
  'envoy-http',
  'envoy-grpc',
  'spoe',
  'oauth2-proxy',
)

function checkPlace({ tcp, unix, mode }: AdminConfig, tell: Tell, path: Path): void {
  if ((tcp === undefined) === (unix === undefined)) {
    tell({ path, message: 'must have exactly one of tcp and unix' })
  }
  if (mode !== undefined && unix === undefined) {
    tell({ path: [...path, 'mode'], message: 'is for unix sockets only' })
  }
}

const listener: Shape<ListenerConfig> = object<ListenerConfig>(
  {
    dialect: need(dialect, 'How the proxy asks here.'),
    tcp: may(texts.address, 'Address and port. Exactly one of `tcp` and `unix`.'),
    unix: may(texts.socketPath, 'Path of a Unix socket.'),
    mode: may(texts.mode, 'Permissions of the Unix socket, in octal. Default `0660`.'),
    peers: may(
      list(texts.peer),
      'Addresses or networks that may ask over TCP. Default: loopback only.',
    ),
    pathPrefix: may(
      texts.pathPrefix,
      '`envoy-http` only: the `path_prefix` that Envoy puts before the path. Default none.',
    ),
  },
  (value, tell, path) => {
    checkPlace(value, tell, path)
    if (value.peers !== undefined && value.unix !== undefined) {
      const message = 'is for tcp only: who may ask over a Unix socket is a matter of its mode'
      tell({ path: [...path, 'peers'], message })
    }
    if (value.pathPrefix !== undefined && value.dialect !== 'envoy-http') {
      tell({ path: [...path, 'pathPrefix'], message: 'is for the dialect envoy-http only' })
    }
  },
)

const admin: Shape<AdminConfig> = object<AdminConfig>(
  {
    tcp: may(texts.address, 'Address and port. Exactly one of `tcp` and `unix`.'),
    unix: may(texts.socketPath, 'Path of a Unix socket.'),
    mode: may(texts.mode, 'Permissions of the Unix socket, in octal. Default `0660`.'),
  },
  checkPlace,
)

const internalToken: Shape<InternalTokenConfig> = object<InternalTokenConfig>({
  issuer: need(texts.webUrl, '`iss`: the admin address as upstreams see it.'),
  audience: may(texts.anyText, 'Audience where the route names no `upstream`.'),
  header: may(texts.anyText, 'The field that it travels in. Default `Authorization`.'),
  algorithm: may(oneOf('ES256', 'EdDSA'), 'How it is signed. Default `ES256`.'),
  lifetime: may(
    seconds({ least: 5, most: 60, whole: true }),
    'Seconds that it is good for, but never longer than the client’s token. Default 60.',
  ),
  claims: may(
    list(texts.anyText),
    'Claims that are handed on besides `sub`, `client_id` and `scope`. Default none.',
  ),
  rotateEvery: may(
    seconds({ least: 2 * publishedAhead }),
    'Seconds after which a new signing key takes over. Default 86400.',
  ),
  keys: may(
    list(texts.privateKey),
    'Private keys, the first of which signs, for gateways on several machines. Default: made at start.',
  ),
})

const identity: Shape<IdentityConfig> = object<IdentityConfig>({
  token: may(internalToken, 'A short-lived signed token of the gateway’s own. Default none.'),
  headers: may(
    map(texts.claim, () => undefined),
    'Plain fields, each with the claim that it carries: `sub`, `scope`, `client_id` or a path. Default none.',
  ),
})

const redis: Shape<RedisConfig> = object<RedisConfig>(
  {
    url: need(
      texts.redisUrl,
      'Where Redis is: `redis://…`, `rediss://…`, or `unix:` and the path of a socket.',
    ),
    use: need(
      list(oneOf('revocations', 'introspection')),
      '`revocations`: what a login has ended; `introspection`: answers of issuers, sealed.',
    ),
    prefix: may(texts.prefix, 'Before every key. Default `portcullis`.'),
    secret: may(texts.longSecret, 'Seals the answers of issuers; needed for `introspection`.'),
  },
  ({ use, secret }, tell, path) => {
    if (use.includes('introspection') && secret === undefined) {
      tell({ path: [...path, 'secret'], message: 'is missing: it seals what issuers said' })
    }
  },
)

// A timer that is set for more than 24 days goes off at once.
const patience = seconds({ least: 0, most: 86_400 })

const drain: Shape<DrainConfig> = object<DrainConfig>({
  delay: may(patience, 'Seconds not ready but still answering. Default 1.'),
  grace: may(patience, 'Seconds for what is on the way. Default 10.'),
})

/** The whole document, in the one place that validation, JSON Schema and guide are made from. */
export const gatewayShape: Shape<GatewayConfig> = object<GatewayConfig>({
  $schema: may(texts.anyText, 'Where the JSON Schema of this form is, for editors. Not read.'),
  version: may(oneOf(1), 'The version of this form. Default 1, the only one.'),
  listen: need(list(listener), 'Where proxies ask; each address speaks one dialect.'),
  admin: may(admin, 'Where metrics, probes and keys are served. Default: nowhere.'),
  workers: may(
    either(count(), oneOf('auto')),
    'Processes that answer, or `auto` for one per core. Default 1.',
  ),
  deadline: may(
    seconds({ above: 0, most: 60 }),
    'Seconds within which every check is answered. Default 0.15.',
  ),
  issuers: need(list(issuerShape, true), 'Whom the gateway trusts.'),
  routes: need(list(routeShape), 'What may pass; the first that fits decides.'),
  preflight: may(flag, 'Lets CORS preflight requests pass. Default false.'),
  realm: may(texts.printable, 'The `realm` of challenges. Default none.'),
  identity: may(identity, 'What upstreams get to know. Default nothing.'),
  redis: may(redis, 'Truth that several gateways share. Default none.'),
  log: may(
    oneOf('none', 'refusals', 'all'),
    'Which decisions are logged. Default `refusals`, which includes outages.',
  ),
  drain: may(drain, 'How the program ends.'),
})
