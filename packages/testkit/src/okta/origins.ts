import { isRegistered } from './apps.ts'
import type { OktaState } from './state.ts'

/** Whether scripts of an origin may call: a Trusted Origin, or that of some redirect URI. */
export function isTrusted({ apps, settings, origin: own }: OktaState, origin: string): boolean {
  if (origin === own || settings.trustedOrigins.includes(origin)) return true
  return [...apps.values()].some(({ redirectUris }) =>
    redirectUris === undefined
      ? isRegistered(`${origin}/`, undefined)
      : redirectUris.some((uri) => URL.canParse(uri) && new URL(uri).origin === origin),
  )
}
