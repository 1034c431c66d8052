import type { JSONWebKeySet, JWK } from 'jose'
import { generateSigningKey, type SigningAlgorithm, type SigningKey } from '../signing-key.ts'

/** The keys of a server: one that signs for each algorithm, and older ones still published. */
export interface KeyRing {
  /** As published: public members only. */
  readonly published: () => JSONWebKeySet
  /** With private members, the signing keys first. */
  readonly signing: () => { keys: JWK[] }
  readonly rotate: () => Promise<void>
  readonly withdraw: (kid: string) => Promise<void>
}

export async function createKeyRing(algorithms: readonly SigningAlgorithm[]): Promise<KeyRing> {
  const generate = () => Promise.all(algorithms.map(generateSigningKey))
  let keys: readonly SigningKey[] = await generate()
  return {
    published: () => ({ keys: keys.map(({ jwk }) => jwk) }),
    signing: () => ({ keys: keys.map(withPrivateMembers) }),
    rotate: async () => {
      keys = [...(await generate()), ...keys]
    },
    withdraw: async (kid) => {
      const gone = keys.find((key) => key.kid === kid)
      if (gone === undefined) throw new Error(`no key is called ${kid}`)
      const rest = keys.filter((key) => key !== gone)
      const replaced = rest.some(({ alg }) => alg === gone.alg)
      keys = replaced ? rest : [await generateSigningKey(gone.alg), ...rest]
    },
  }
}

const withPrivateMembers = ({ jwk, privateKey }: SigningKey): JWK => ({
  ...privateKey.export({ format: 'jwk' }),
  ...jwk,
})
