import type { OktaState } from '../state.ts'
import type { Call } from '../wire.ts'
import { invalidToken } from './errors.ts'

/** Whether the call comes with an API token; a wrong one is refused. */
export function isTrustedCaller({ settings }: OktaState, { headers }: Call): boolean {
  const [, token] = /^SSWS (.+)$/i.exec(headers.authorization ?? '') ?? []
  if (token === undefined) return false
  if (!settings.apiTokens.includes(token)) throw invalidToken()
  return true
}
