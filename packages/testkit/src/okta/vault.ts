/** Things that end by themselves. What has ended stays, so that a door can say so. */
export interface Vault<Thing> {
  readonly put: (key: string, thing: Thing, seconds: number) => void
  /** While it lasts. */
  readonly get: (key: string | null | undefined) => Thing | undefined
  /** Takes it out: for whatever can be used once. */
  readonly take: (key: string | null | undefined) => Thing | undefined
  /** Puts it in, unless it is there: `false` says that it was. */
  readonly once: (key: string, thing: Thing, seconds: number) => boolean
  readonly all: () => readonly Thing[]
}

export function createVault<Thing>(now: () => number): Vault<Thing> {
  const things = new Map<string, { readonly thing: Thing; readonly expiresAt: number }>()
  const get = (key: string | null | undefined) => {
    const entry = things.get(key ?? '')
    return entry !== undefined && entry.expiresAt > now() ? entry.thing : undefined
  }
  const put = (key: string, thing: Thing, seconds: number) => {
    things.set(key, { thing, expiresAt: now() + seconds * 1000 })
  }
  return {
    put,
    get,
    take: (key) => {
      const thing = get(key)
      things.delete(key ?? '')
      return thing
    },
    once: (key, thing, seconds) => {
      if (get(key) !== undefined) return false
      put(key, thing, seconds)
      return true
    },
    all: () => [...things.values()].map(({ thing }) => thing),
  }
}
