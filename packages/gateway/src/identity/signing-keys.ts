import type { JsonWebKey } from 'node:crypto'
import { ConfigurationError, optionChecks } from '@portcullis/core'
import { generateKey, publicJwk, readKey } from './signing-key.ts'
import type { IdentityAlgorithm, SigningKey } from './signing-key.ts'

export type { SigningKey } from './signing-key.ts'

/** The gateway's own signing keys: one signs, those before it stay published until nothing they signed is left. */
export interface SigningKeys {
  /** The key that signs now. */
  current(): SigningKey
  /** Public keys of all that verify, as a JWK Set. */
  published(): { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}

/** Signing keys that several processes can share. */
export interface RotatingKeys extends SigningKeys {
  /** Grows with every key that is made. Reading it makes the next key where it is time to. */
  readonly version: number
  /** Takes over a newer set; answers whether it was newer. */
  adopt(set: ExportedKeys): boolean
}

/** How signing keys are made and replaced. */
export interface SigningKeysOptions {
  /** Default `ES256`. */
  readonly algorithm?: IdentityAlgorithm | undefined
  /** Seconds after which a new key takes over; at least 1800. Default 86400. */
  readonly rotateEvery?: number | undefined
  /** Seconds for which a key stays published after its last signature; at least 120. Default 300. */
  readonly overlap?: number | undefined
  /** Private keys (PKCS #8 PEM): the first signs, all are published, none is ever replaced. */
  readonly keys?: readonly string[] | undefined
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** Signing keys with their schedule, as JSON: private, for processes of the same gateway only. */
export interface ExportedKeys {
  readonly version: number
  readonly algorithm: IdentityAlgorithm
  /** Seconds. */
  readonly overlap: number
  readonly keys: readonly { readonly jwk: JsonWebKey; readonly from: number }[]
}

/** Seconds for which upstreams may remember the published keys. */
export const publishedFor = 300

/**
 * Seconds for which a key is published before it signs: more than `publishedFor`, because some verifiers
 * keep key sets for ten minutes whatever they are told.
 */
export const publishedAhead = 900

/** A key and the time from which it signs, in epoch milliseconds. */
interface Turn {
  readonly signing: SigningKey
  readonly jwk: Readonly<Record<string, unknown>>
  readonly from: number
}

interface Schedule {
  readonly now: () => number
  readonly overlap: number
  /** Absent where keys are not made here. */
  readonly make?: { readonly every: number; readonly key: () => SigningKey }
}

// Kept beside the objects: nobody who is handed signing keys to sign with should get at all of them.
const exporters = new WeakMap<SigningKeys, () => ExportedKeys>()

/** Makes signing keys, which are replaced in time without any timer. */
export function createSigningKeys(options: SigningKeysOptions = {}): RotatingKeys {
  checkSchedule(options)
  const {
    algorithm = 'ES256',
    rotateEvery = 86_400,
    overlap = 300,
    now = () => Date.now(),
  } = options
  const given = options.keys?.map((pem, index) => readKey(pem, algorithm, `keys[${index}]`))
  if (given === undefined) {
    const key = () => generateKey(algorithm)
    const schedule = { now, overlap, make: { every: rotateEvery * 1000, key } }
    return rotating(algorithm, { version: 1, turns: [turn(key(), now())] }, schedule)
  }
  if (new Set(given.map(({ kid }) => kid)).size !== given.length)
    throw new ConfigurationError('keys holds the same key twice')
  const turns = given.map((key, index) => turn(key, index === 0 ? 0 : Number.MAX_SAFE_INTEGER))
  return rotating(algorithm, { version: 1, turns }, { now, overlap })
}

/** Signing keys as JSON, for the other processes of the same gateway. */
export function exportSigningKeys(keys: RotatingKeys): ExportedKeys {
  const exporter = exporters.get(keys)
  if (exporter === undefined)
    throw new ConfigurationError('exportSigningKeys takes what createSigningKeys() made')
  return exporter()
}

/** Signing keys that another process made: they change when that process hands over newer ones. */
export function importSigningKeys(
  set: ExportedKeys,
  { now = () => Date.now() }: { readonly now?: (() => number) | undefined } = {},
): RotatingKeys {
  const first = { version: set.version, turns: readTurns(set) }
  return rotating(set.algorithm, first, { now, overlap: set.overlap })
}

function checkSchedule(options: SigningKeysOptions): void {
  const { checkOptions, fn, filled, listOf, oneOf, text } = optionChecks
  checkOptions('signingKeys', options, {
    algorithm: oneOf('ES256', 'EdDSA'),
    rotateEvery: atLeast(2 * publishedAhead),
    overlap: atLeast(120),
    keys: filled(listOf(text)),
    now: fn,
  })
}

const atLeast =
  (least: number): optionChecks.Check =>
  (value) =>
    typeof value === 'number' && Number.isFinite(value) && value >= least
      ? undefined
      : `must be a number of seconds, ${least} or more`

const turn = (signing: SigningKey, from: number): Turn => ({
  signing,
  jwk: Object.freeze(publicJwk(signing)),
  from,
})

function readTurns({ keys, algorithm }: ExportedKeys): readonly Turn[] {
  const turns = keys.map(({ jwk, from }, index) =>
    turn(readKey(jwk, algorithm, `the shared key ${index}`), from),
  )
  if (turns.length === 0) throw new ConfigurationError('shared signing keys must not be empty')
  return turns
}

function rotating(
  algorithm: IdentityAlgorithm,
  first: { readonly version: number; readonly turns: readonly Turn[] },
  { now, overlap, make }: Schedule,
): RotatingKeys {
  let { version, turns } = first

  // Nobody may have asked for a long time: then the next key starts late, but never unpublished.
  const advance = (time: number): readonly Turn[] => {
    const last = turns.at(-1)
    if (make && last && last.from <= time && time >= last.from + make.every - ahead) {
      turns = [...turns, turn(make.key(), Math.max(last.from + make.every, time + ahead))]
      version += 1
    }
    // A key signs until the one after it does.
    turns = turns.filter((_, index) => {
      const next = turns[index + 1]
      return next === undefined || time < next.from + overlap * 1000
    })
    return turns
  }

  const keys: RotatingKeys = {
    get version() {
      advance(now())
      return version
    },
    current: () => signerAt(advance(now()), now()),
    published: () => ({ keys: advance(now()).map(({ jwk }) => jwk) }),
    adopt: (set) => {
      if (set.version <= version) return false
      turns = readTurns(set)
      version = set.version
      return true
    },
  }
  exporters.set(keys, () => ({
    algorithm,
    overlap,
    keys: advance(now()).map(({ signing, from }) => ({
      jwk: signing.key.export({ format: 'jwk' }),
      from,
    })),
    version,
  }))
  return keys
}

const ahead = publishedAhead * 1000

function signerAt(turns: readonly Turn[], time: number): SigningKey {
  const begun = turns.findLast(({ from }) => from <= time) ?? turns[0]
  // No set is ever empty: the last key is never dropped.
  if (begun === undefined) throw new ConfigurationError('there is no signing key')
  return begun.signing
}
