export type { Allowed, Answer, Refused, Unavailable } from './check/answer.ts'
export type { Check } from './check/check.ts'
export type { Inquiry } from './check/inquiry.ts'
export type { CompiledHealth, GatewayExtension, GatewayIssuerHealth } from './compiled.ts'
export type {
  AdminConfig,
  ClaimWanted,
  DialectName,
  DrainConfig,
  GatewayConfig,
  IdentityConfig,
  InternalTokenConfig,
  IntrospectionClientConfig,
  IntrospectionConfig,
  IssuerConfig,
  ListenerConfig,
  RedisConfig,
  RouteConfig,
  RuleConfig,
} from './config/config.ts'
export { loadConfig, parseConfig } from './config/read.ts'
export type { Sources } from './config/references.ts'
export { createGateway, type Gateway, type GatewayHealth, type GatewayOptions } from './create.ts'
export type { HttpDialectName, ListeningOn } from './listeners.ts'
export type { Route } from './routing/route.ts'
export { snippetFor, snippetNames } from './snippet/create.ts'
export type { SnippetFile, SnippetFor, SnippetWish } from './snippet/snippet.ts'
