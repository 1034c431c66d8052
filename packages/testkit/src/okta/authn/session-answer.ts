import type { FactorKind } from '../options.ts'
import type { Session } from '../sessions.ts'
import type { OktaState } from '../state.ts'
import { amrOf } from '../verify.ts'

/** A session as the Sessions API shows it. */
export function sessionBody(org: OktaState, session: Session): object {
  const { person, at, factors } = session.authentication
  const self = `${org.origin}/api/v1/sessions/${session.id}`
  const time = new Date(at).toISOString()
  const hasSecond = factors.some((factor: FactorKind) => factor !== 'password')
  return {
    id: session.id,
    login: person.login,
    userId: person.id,
    expiresAt: new Date(session.expiresAt).toISOString(),
    status: 'ACTIVE',
    lastPasswordVerification: factors.includes('password') ? time : null,
    lastFactorVerification: hasSecond ? time : null,
    amr: amrOf(factors),
    idp: { id: org.orgId, type: 'OKTA' },
    mfaActive: person.factors.length > 1,
    _links: {
      self: { href: self, hints: { allow: ['GET', 'DELETE'] } },
      refresh: { href: `${self}/lifecycle/refresh`, hints: { allow: ['POST'] } },
      user: {
        name: `${person.firstName} ${person.lastName}`,
        href: `${org.origin}/api/v1/users/${person.id}`,
        hints: { allow: ['GET'] },
      },
    },
  }
}
