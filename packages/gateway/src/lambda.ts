export type {
  IntrospectionClientConfig,
  IntrospectionConfig,
  IssuerConfig,
  RouteConfig,
  RuleConfig,
} from './config/config.ts'
export { createLambdaAuthorizer, type LambdaAuthorizer } from './lambda/create.ts'
export type {
  AuthorizerContext,
  AuthorizerEvent,
  HttpEvent,
  PolicyAnswer,
  PolicyStatement,
  RequestEvent,
  SimpleAnswer,
  TokenEvent,
} from './lambda/events.ts'
export type { LambdaDecision, LambdaOptions } from './lambda/options.ts'
