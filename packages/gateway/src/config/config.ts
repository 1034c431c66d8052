/** What a gateway is told, in code or in a file. Durations are seconds. */
export interface GatewayConfig {
  /** Where the JSON Schema of this form is, for editors. Not read. */
  readonly $schema?: string
  /** The version of this form. Default 1, the only one. */
  readonly version?: 1
  /** Where proxies ask; each address speaks one dialect. */
  readonly listen: readonly ListenerConfig[]
  /** Where metrics, probes and the keys of the internal token are served. Without it they are not. */
  readonly admin?: AdminConfig
  /** Processes that answer: a number, or `auto` for one per core. Default 1. Only for the program, not for `createGateway`. */
  readonly workers?: number | 'auto'
  /** Seconds within which every check is answered, if need be with a 503. Default 0.15. */
  readonly deadline?: number
  /** Whom the gateway trusts. */
  readonly issuers: readonly IssuerConfig[]
  /** What may pass; the first that fits decides, and where none fits nothing passes. */
  readonly routes: readonly RouteConfig[]
  /** Lets CORS preflight requests (OPTIONS with Origin and Access-Control-Request-Method) pass. Default false. */
  readonly preflight?: boolean
  /** The `realm` of challenges. */
  readonly realm?: string
  /** What upstreams get to know. */
  readonly identity?: IdentityConfig
  /** Truth that several gateways share. */
  readonly redis?: RedisConfig
  /** Which decisions are logged. Default `refusals`, which includes outages. */
  readonly log?: 'none' | 'refusals' | 'all'
  /** How the program ends. */
  readonly drain?: DrainConfig
}

/** The dialects that are spoken over a socket. */
export type DialectName =
  | 'nginx'
  | 'forward-auth'
  | 'envoy-http'
  | 'envoy-grpc'
  | 'spoe'
  | 'oauth2-proxy'

/** One address, one dialect. */
export interface ListenerConfig {
  readonly dialect: DialectName
  /** `127.0.0.1:9101`. Exactly one of `tcp` and `unix`. */
  readonly tcp?: string
  /** Path of a Unix socket. */
  readonly unix?: string
  /** Permissions of the Unix socket, in octal. Default `0660`. */
  readonly mode?: string
  /** Addresses or networks (CIDR) that may ask over TCP. Default: loopback only. Never all of the Internet. */
  readonly peers?: readonly string[]
  /** Envoy HTTP only: the `path_prefix` that Envoy puts before the path. Default none. */
  readonly pathPrefix?: string
}

/** Metrics, probes, and the keys of the internal token. */
export interface AdminConfig {
  /** `127.0.0.1:9100`. Exactly one of `tcp` and `unix`. */
  readonly tcp?: string
  /** Path of a Unix socket. */
  readonly unix?: string
  /** Permissions of the Unix socket, in octal. Default `0660`. */
  readonly mode?: string
}

/** An issuer whose tokens are accepted. */
export interface IssuerConfig {
  /** The name by which routes refer to it. */
  readonly id: string
  /** Exactly as in `iss`. */
  readonly issuer: string
  /** What `aud` must name; of several, one. */
  readonly audience: string | readonly string[]
  /** Signature algorithms that are accepted. Default: every asymmetric one that a guard knows. */
  readonly algorithms?: readonly string[]
  /** Further values of the header's `typ`. */
  readonly types?: readonly string[]
  /** Demands the whole profile of RFC 9068. Default: any signed JWT with what a guard needs. */
  readonly profile?: 'rfc9068'
  /** Seconds by which clocks may differ. Default 5. */
  readonly clockTolerance?: number
  /** Seconds since `iat` after which a token is too old, whatever its `exp`. Default: no limit. */
  readonly maxTokenAge?: number
  /** Keys go on serving through an outage for so long. Default 86400; 0 = not at all. */
  readonly maxStale?: number
  /** Seconds to wait for metadata and keys. Default 5. */
  readonly timeout?: number
  /** Allows `http:` beyond loopback. Default false. */
  readonly allowInsecureIssuer?: boolean
  /** Asks the issuer (RFC 7662); without it tokens are verified with the issuer's keys alone. */
  readonly introspection?: IntrospectionConfig
}

/** How the issuer is asked. */
export interface IntrospectionConfig {
  /** `opaque`: tokens that are no JWT (default); `always`: every token; `also`: a JWT by its keys, and then the issuer too. */
  readonly use?: 'opaque' | 'always' | 'also'
  /** Default: that of the issuer's metadata. */
  readonly endpoint?: string
  /** Who asks. */
  readonly client: IntrospectionClientConfig
  /** Demands signed answers (RFC 9701). Default false. */
  readonly signed?: boolean
  /** Remembers answers; off by default, because a revocation is then seen later. */
  readonly cache?: { readonly ttl?: number; readonly negativeTtl?: number; readonly max?: number }
  /** Questions that may be on the way at once. Default 100. */
  readonly maxInFlight?: number
}

/** How the gateway proves itself to the introspection endpoint: a secret, or a private key (PEM or JWK). */
export interface IntrospectionClientConfig {
  /** `client_id`. */
  readonly id: string
  /** `client_secret`; needed unless there is a key. */
  readonly secret?: string
  /** Default `client_secret_basic`, or `private_key_jwt` with a key. */
  readonly method?: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'
  /** PEM (PKCS #8) or JWK, for `private_key_jwt`. */
  readonly privateKey?: string
}

/** What may pass, and on which conditions. */
export interface RouteConfig {
  /** A name for logs and metrics. Default `route-1`, `route-2`, … */
  readonly id?: string
  /** Host names, lower case, without port. Default: any. */
  readonly host?: string | readonly string[]
  /** `/orders`, `/orders/{id}` (one segment), `/public/**` (the rest, empty included). */
  readonly path: string
  /** Methods that the route is for. Default: any. A route for GET is not one for HEAD unless it says so. */
  readonly methods?: readonly string[]
  /** `anonymous`: passes without a look at credentials; `optional`: passes without one, a bad one fails. Default: a token is needed. */
  readonly allow?: 'anonymous' | 'optional'
  /** Identifiers of the issuers whose tokens are good here. Default: all. */
  readonly issuers?: readonly string[]
  /** Conditions; all must hold. */
  readonly rules?: RuleConfig
  /** The audience of the internal token for the upstream behind this route. Default: that of `identity`. */
  readonly upstream?: string
}

/** The guard's own rules, written down. */
export interface RuleConfig {
  /** Scopes that must all be there. */
  readonly scopes?: readonly string[]
  /** Scopes of which one suffices. */
  readonly anyScope?: readonly string[]
  /** Claims by path (`realm_access.roles`) and the value, or one of the values, they must have. */
  readonly claims?: Readonly<Record<string, ClaimWanted>>
  readonly anyOf?: readonly RuleConfig[]
  readonly allOf?: readonly RuleConfig[]
  readonly not?: RuleConfig
  /** Names of rules that the program was given in code. */
  readonly custom?: readonly string[]
}

/** The value that a claim must have, or the values of which it must have one. */
export type ClaimWanted = string | number | boolean | readonly (string | number | boolean)[]

/** What upstreams get to know of the caller. */
export interface IdentityConfig {
  /** A short-lived signed token of the gateway's own. */
  readonly token?: InternalTokenConfig
  /** Plain fields: name → claim (`sub`, `scope`, `client_id`, or a path). Every one is always sent, empty where there is nothing to say. */
  readonly headers?: Readonly<Record<string, string>>
}

/** The internal token (a JWT access token after RFC 9068). */
export interface InternalTokenConfig {
  /** `iss`: where upstreams find metadata and keys, that is the admin address as they see it. */
  readonly issuer: string
  /** Audience where the route names no `upstream`. */
  readonly audience?: string
  /** The field it travels in. Default `Authorization`, in place of the client's own. */
  readonly header?: string
  /** Default `ES256`. */
  readonly algorithm?: 'ES256' | 'EdDSA'
  /** Seconds; at most 60, which is the default. Never longer than the client's token. */
  readonly lifetime?: number
  /** Claims that are handed on besides `sub`, `client_id` and `scope`. */
  readonly claims?: readonly string[]
  /** Seconds after which a new signing key takes over. Default 86400. */
  readonly rotateEvery?: number
  /** Private keys (PKCS #8 PEM, the first signs), for gateways on several machines. Default: made at start and rotated. */
  readonly keys?: readonly string[]
}

/** Redis, for what several gateways must agree on. */
export interface RedisConfig {
  /** `redis://…`, `rediss://…`, or `unix:` and the path of a socket. */
  readonly url: string
  /** `revocations`: what `redisRevocations` of a login keeps; `introspection`: answers of issuers, sealed. */
  readonly use: readonly ('revocations' | 'introspection')[]
  /** Before every key. Default `portcullis`. */
  readonly prefix?: string
  /** Seals shared introspection answers; needed for `introspection`, at least 32 characters. */
  readonly secret?: string
}

/** How the program ends, in seconds. */
export interface DrainConfig {
  /** Not ready, but still answering, so that proxies turn away. Default 1. */
  readonly delay?: number
  /** Then no new connections; what is on the way may finish. Default 10. */
  readonly grace?: number
}
