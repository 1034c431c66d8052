import type { HttpRequest } from '@portcullis/core'
import { derOf } from '../dialects/pem.ts'
import { readArn, type MethodArn } from './arn.ts'
import type {
  AuthorizerEvent,
  ClientCertificate,
  HttpEvent,
  RequestEvent,
  TokenEvent,
} from './events.ts'

/** What API Gateway asks, whichever kind of it. */
export interface Asked {
  readonly arn: MethodArn
  readonly request: HttpRequest
  /** Only HTTP APIs with format 2.0 take simple answers. */
  readonly simple: { readonly routeKey: string; readonly sources: readonly string[] } | undefined
}

/** Reads an event. Throws what becomes a 500 where it is none. */
export function readEvent(event: AuthorizerEvent): Asked {
  const arn = readArn(event.version === '2.0' ? event.routeArn : event.methodArn)
  const { host, path, header, certificate } = viewOf(event, arn)
  return {
    arn,
    simple:
      event.version === '2.0'
        ? { routeKey: event.routeKey, sources: event.identitySource ?? [] }
        : undefined,
    request: {
      method: arn.method,
      url: `https://${host}${path}`,
      header,
      form: () => Promise.resolve(new URLSearchParams()),
      certificate: () => pemOf(certificate),
    },
  }
}

interface View {
  readonly host: string
  /** As the client sent it, the stage included where the client names it. */
  readonly path: string
  readonly header: HttpRequest['header']
  readonly certificate?: ClientCertificate | null | undefined
}

function viewOf(event: AuthorizerEvent, arn: MethodArn): View {
  if (event.type === 'TOKEN') return tokenView(event, arn)
  return event.version === '2.0' ? httpView(event) : requestView(event, arn)
}

const tokenView = ({ authorizationToken }: TokenEvent, { path }: MethodArn): View => ({
  host: unknownHost,
  path,
  header: (name) => (name === 'authorization' ? authorizationToken : undefined),
})

const requestView = (event: RequestEvent, { path }: MethodArn): View => ({
  host: event.requestContext?.domainName ?? unknownHost,
  path: event.requestContext?.path ?? path,
  header: (name) => fieldOf(event, name),
  certificate: event.requestContext?.identity?.clientCert,
})

const httpView = ({ headers, requestContext, rawPath, rawQueryString }: HttpEvent): View => ({
  host: requestContext?.domainName ?? unknownHost,
  path: rawQueryString ? `${rawPath}?${rawQueryString}` : rawPath,
  header: (name) => own(headers, name),
  certificate: requestContext?.authentication?.clientCert,
})

const unknownHost = 'unknown.invalid'

// Names stand as the client wrote them, and only the list shows a field that was sent twice.
function fieldOf({ headers, multiValueHeaders }: RequestEvent, name: string): string | undefined {
  const lists = Object.entries(multiValueHeaders ?? {}).filter(
    ([key]) => key.toLowerCase() === name,
  )
  const all = lists.flatMap(([, values]) => values ?? [])
  if (all.length > 0) return all.join(name === 'cookie' ? '; ' : ', ')
  const single = Object.entries(headers ?? {}).filter(([key]) => key.toLowerCase() === name)
  const values = single.flatMap(([, value]) => value ?? [])
  return values.length > 0 ? values.join(', ') : undefined
}

const own = <T>(record: Readonly<Record<string, T>> | null | undefined, name: string) =>
  record && Object.hasOwn(record, name) ? record[name] : undefined

const pemOf = (certificate: ClientCertificate | null | undefined): Uint8Array | undefined =>
  certificate?.clientCertPem === undefined ? undefined : derOf(certificate.clientCertPem)
