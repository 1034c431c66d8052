/** Fields by name, as API Gateway writes them. */
export type EventFields = Readonly<Record<string, string | undefined>>

/** What a REST API asks an authorizer of the kind TOKEN. */
export interface TokenEvent {
  readonly type: 'TOKEN'
  readonly version?: never
  readonly methodArn: string
  readonly authorizationToken?: string
}

/** What a REST API asks an authorizer of the kind REQUEST, and an HTTP API with format 1.0. */
export interface RequestEvent {
  readonly type: 'REQUEST'
  readonly version?: '1.0'
  readonly methodArn: string
  readonly httpMethod?: string
  readonly headers?: EventFields | null
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null
  readonly requestContext?: {
    readonly domainName?: string
    readonly path?: string
    readonly identity?: { readonly clientCert?: ClientCertificate | null }
  }
}

/** What an HTTP API asks with format 2.0. */
export interface HttpEvent {
  readonly type: 'REQUEST'
  readonly version: '2.0'
  readonly routeArn: string
  readonly routeKey: string
  readonly rawPath: string
  readonly rawQueryString?: string
  /** Values, in the order in which they were configured. */
  readonly identitySource?: readonly string[] | null
  readonly headers?: EventFields | null
  readonly requestContext?: {
    readonly domainName?: string
    readonly http?: { readonly method?: string }
    readonly authentication?: { readonly clientCert?: ClientCertificate | null } | null
  }
}

/** The certificate of a client under mutual TLS. */
export interface ClientCertificate {
  readonly clientCertPem?: string
}

/** Whatever API Gateway asks. */
export type AuthorizerEvent = TokenEvent | RequestEvent | HttpEvent

/** Values for the integration behind; scalars only, because REST APIs refuse all others. */
export type AuthorizerContext = Readonly<Record<string, string | number | boolean>>

/** One statement of a policy. */
export interface PolicyStatement {
  readonly Action: 'execute-api:Invoke'
  readonly Effect: 'Allow' | 'Deny'
  readonly Resource: readonly string[]
}

/** The answer that every kind of API takes. */
export interface PolicyAnswer {
  readonly principalId: string
  readonly policyDocument: {
    readonly Version: '2012-10-17'
    readonly Statement: readonly PolicyStatement[]
  }
  readonly context: AuthorizerContext
}

/** The answer of HTTP APIs with simple responses. */
export interface SimpleAnswer {
  readonly isAuthorized: boolean
  readonly context: AuthorizerContext
}
