import { fileURLToPath } from 'node:url'
import { Client, credentials, type ServiceError } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

const folder = fileURLToPath(new URL('../../../packages/gateway/proto', import.meta.url))
const found = loadSync(
  ['envoy/service/auth/v3/external_auth.proto', 'grpc/health/v1/health.proto'],
  {
    keepCase: true,
    longs: Number,
    enums: Number,
    defaults: true,
    oneofs: true,
    includeDirs: [folder],
  },
)

interface Method {
  readonly path: string
  requestSerialize(value: object): Buffer
  responseDeserialize(bytes: Buffer): object
}

// The loader types nothing: these names and their methods stand in the files.
const methodOf = (name: string): Method =>
  (found[name] as unknown as { readonly Check: Method }).Check

const methods = {
  check: methodOf('envoy.service.auth.v3.Authorization'),
  health: methodOf('grpc.health.v1.Health'),
}

/** What the tests read of an answer. */
export interface GrpcAnswer {
  readonly status: { readonly code: number }
  readonly http_response?: 'ok_response' | 'denied_response'
  readonly ok_response?: {
    readonly headers: readonly GrpcField[]
    readonly headers_to_remove: readonly string[]
    readonly response_headers_to_add: readonly GrpcField[]
  }
  readonly denied_response?: {
    readonly status: { readonly code: number }
    readonly headers: readonly GrpcField[]
    readonly body: string
  }
}

export interface GrpcField {
  readonly header: { readonly key: string; readonly value: string }
  readonly append: { readonly value: boolean } | null
  readonly append_action: number
}

export interface GrpcCaller {
  check(request: object, deadlineMs?: number): Promise<GrpcAnswer>
  health(): Promise<{ readonly status: number }>
  close(): void
}

/** A real gRPC client, as Envoy is one. */
export function createGrpcCaller(address: string): GrpcCaller {
  const client = new Client(address, credentials.createInsecure())
  const call = <T>(method: Method, request: object, deadlineMs = 5000): Promise<T> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        method.path,
        (value: object) => method.requestSerialize(value),
        // What the files say an answer is.
        (bytes) => method.responseDeserialize(bytes) as T,
        request,
        { deadline: Date.now() + deadlineMs },
        (error: ServiceError | null, answer?: T) => {
          if (answer === undefined) reject(error ?? new Error('neither answer nor error'))
          else resolve(answer)
        },
      )
    })
  return {
    check: (request, deadlineMs) => call(methods.check, request, deadlineMs),
    health: () => call(methods.health, {}),
    close: () => client.close(),
  }
}

/** A question as Envoy puts it. */
export const grpcQuestion = (
  headers: Readonly<Record<string, string>> = {},
  more: object = {},
): object => ({
  attributes: {
    source: {},
    request: {
      http: {
        method: 'GET',
        path: '/orders?of=alice',
        host: 'api.test:8443',
        scheme: 'https',
        size: -1,
        protocol: 'HTTP/1.1',
        headers,
        ...more,
      },
    },
  },
})
