import type { GatewayConfig } from '../config/config.ts'
import { createSigningKeys, type RotatingKeys } from '../identity/signing-keys.ts'

/** Keeps the keys of the internal token while configurations come and go. */
export interface Keyring {
  /**
   * The keys that a configuration wants: the same ones as before where it says nothing new about them.
   * How often they change is settled when they are made: to start anew would unpublish a key whose tokens
   * are still on the way.
   */
  keysFor(config: GatewayConfig): RotatingKeys | undefined
}

/** Makes a keyring for one process, or for the primary of several. */
export function createKeyring(now?: () => number): Keyring {
  // Two, because a configuration that could not be taken over leaves the one before it in use.
  let kept: readonly { readonly wish: string; readonly keys: RotatingKeys }[] = []
  return {
    keysFor: ({ identity }) => {
      if (identity?.token === undefined) return undefined
      const { algorithm, rotateEvery, keys } = identity.token
      const wish = JSON.stringify([algorithm ?? 'ES256', keys])
      const known = kept.find((one) => one.wish === wish)
      const found = known ?? {
        wish,
        keys: createSigningKeys({ algorithm, rotateEvery, keys, now }),
      }
      kept = [found, ...kept.filter((one) => one !== known)].slice(0, 2)
      return found.keys
    },
  }
}
