import { fileURLToPath } from 'node:url'
import type { MethodDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { CheckRequest, CheckResponse } from './messages.ts'

/** Methods of a gRPC interface by their names. */
export type Methods<M extends string, Asked, Answered> = Readonly<
  Record<M, MethodDefinition<Asked, Answered>>
>

/** What is served, read from the `.proto` files of this package. */
export interface Definitions {
  readonly authorization: Methods<'Check', CheckRequest, CheckResponse>
  readonly health: Methods<'Check', { readonly service?: string }, { readonly status: number }>
}

const folder = fileURLToPath(new URL('../../../proto', import.meta.url))
const files = ['envoy/service/auth/v3/external_auth.proto', 'grpc/health/v1/health.proto']

/** Loads the official messages. Members keep their official names. */
export const loadDefinitions = (): Definitions => {
  const found = loadSync(files, { keepCase: true, longs: Number, includeDirs: [folder] })
  // The loader types nothing: that these names have these methods is what the files in `proto` say.
  const { Check } = found[
    'envoy.service.auth.v3.Authorization'
  ] as unknown as Definitions['authorization']
  return {
    authorization: { Check: { ...Check, responseSerialize: onceEach(Check.responseSerialize) } },
    health: found['grpc.health.v1.Health'] as unknown as Definitions['health'],
  }
}

/** Serializes what is frozen once. */
function onceEach<T extends object>(serialize: (value: T) => Buffer): (value: T) => Buffer {
  const serialized = new WeakMap<T, Buffer>()
  return (value) => {
    if (!Object.isFrozen(value)) return serialize(value)
    const known = serialized.get(value)
    if (known !== undefined) return known
    const bytes = serialize(value)
    serialized.set(value, bytes)
    return bytes
  }
}
