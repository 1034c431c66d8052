import { ConfigurationError, createSealBox, type SealBox } from '@portcullis/core'
import type { DirectState, Hidden } from './state.ts'

/** Keeps what belongs to a state and nobody may see. */
export interface Vault {
  /** Makes a state. */
  keep<S extends DirectState>(state: S, hidden: Hidden): S
  /** What belongs to a state; one that was not made here is a `ConfigurationError`. */
  hiddenOf(state: DirectState): Hidden
  seal(state: DirectState): string
  /** `undefined` for what was not sealed here, and for what has had its time. */
  open(sealed: string): DirectState | undefined
}

/** Makes the vault of one client at one server: states of another open nowhere. */
export function createVault(
  secrets: readonly string[] | undefined,
  purpose: string,
  now: () => number,
): Vault {
  // Weak, so that what is hidden goes when its state goes.
  const kept = new WeakMap<DirectState, Hidden>()
  const keep = <S extends DirectState>(state: S, hidden: Hidden): S => {
    kept.set(state, hidden)
    Object.freeze(state)
    return state
  }
  const hiddenOf = (state: DirectState): Hidden => {
    const hidden = kept.get(state)
    if (hidden !== undefined) return hidden
    throw new ConfigurationError(
      'a state must be the one of an answer, or what openState() made: copies do not hold what is hidden',
    )
  }
  const box = createBox(secrets, purpose)
  return {
    keep,
    hiddenOf,
    seal: (state) => box().seal(new TextEncoder().encode(JSON.stringify([state, hiddenOf(state)]))),
    open: (sealed) => {
      const plain = typeof sealed === 'string' ? box().open(sealed) : undefined
      if (plain === undefined) return undefined
      // What opens was sealed by `seal`, which nobody else can: its shape is the one above.
      const [state, hidden] = JSON.parse(plain.toString()) as [DirectState, Hidden]
      return state.expiresAt > now() ? keep(state, hidden) : undefined
    },
  }
}

function createBox(secrets: readonly string[] | undefined, purpose: string): () => SealBox {
  let made: SealBox | undefined
  return () => {
    if (secrets === undefined) {
      throw new ConfigurationError('direct.secrets is missing: it seals what leaves the process')
    }
    made ??= createSealBox(secrets, purpose)
    return made
  }
}
