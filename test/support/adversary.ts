import { expect } from 'vitest'
import type { LoginOptions } from '../../packages/core/src/login/options.ts'
import { base, createWorld, type World } from './login-world.ts'
import type { Lies, LyingIssuerOptions } from './lying-issuer.ts'
import type { Seen } from './lone-browser.ts'

/** Makes worlds for the tests of a file, and ends them. */
export interface Worlds {
  readonly build: (options?: Partial<LoginOptions>, issuer?: LyingIssuerOptions) => Promise<World>
  /** For `afterEach`. */
  readonly end: () => Promise<void>
}

export function createWorlds(): Worlds {
  const worlds: World[] = []
  return {
    build: async (options, issuer) => {
      const world = await createWorld(options, issuer)
      worlds.push(world)
      return world
    },
    end: async () => {
      await Promise.all(worlds.splice(0).map((world) => world.close()))
    },
  }
}

/** What came of a login to which the issuer lied. */
export interface Outcome {
  readonly status: number
  readonly code: string | undefined
  readonly check: string | undefined
  readonly seen: Seen
}

/** Tells the issuer to lie, tries to sign in, and sees to it that this has made no session. */
export async function lieTo(world: World, lies: Lies): Promise<Outcome> {
  world.issuer.lie(lies)
  const seen = await world.signIn()
  const failure = world.failures.at(-1)
  const check = failure !== undefined && 'trail' in failure ? failure.trail.check : undefined
  expect(await isKeptOut(world)).toBe(true)
  return { status: seen.status, code: failure?.code, check, seen }
}

// With a session the account would be shown; without one the guard sends to the login.
async function isKeptOut({ browser }: World): Promise<boolean> {
  const { status } = await browser.open('/account', { until: base })
  return status === 302
}

export const hybrid: Partial<LoginOptions> = { responseType: 'code id_token' }
export const implicit: Partial<LoginOptions> = { responseType: 'id_token' }
/** A login for which it matters how and when the user was authenticated. */
export const demanding: Partial<LoginOptions> = {
  parameters: { scope: 'openid offline_access', maxAge: 600, acrValues: 'urn:strong' },
}
