import { evaluate } from '../access-policy.ts'
import type { OktaApp } from '../apps.ts'
import { grants } from '../grants.ts'
import type { AccessRule } from '../options.ts'
import type { Person } from '../people.ts'
import type { Server } from '../servers.ts'
import { Refusal } from '../wire.ts'

/** The rule for its lifetimes only: a code was judged at `/authorize`, and is not judged again. */
export function evaluateQuietly(server: Server, app: OktaApp, person: Person): AccessRule {
  try {
    return evaluate({ server, app, person, grantType: grants.code, scopes: [] })
  } catch (error) {
    if (error instanceof Refusal) return {}
    throw error
  }
}
