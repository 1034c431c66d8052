import type { Org } from '../org.ts'
import { randomText, type Answer, type Call, type Route } from '../wire.ts'
import { begin, createDesk, type Desk } from './desk.ts'
import { activateFactor, enrollFactor, resendActivation } from './enroll.ts'
import type { AuthnOptions } from './options.ts'
import { changePassword, resetPassword } from './password.ts'
import { cancel, previous, primary, skip } from './primary.ts'
import {
  recover,
  recoveryAnswer,
  recoveryToken,
  resendRecovery,
  verifyRecovery,
} from './recovery.ts'
import {
  closeAllSessions,
  closeSession,
  cookieRedirect,
  createSession,
  getSession,
  refreshSession,
} from './sessions-api.ts'
import { duoCallback, resendFactor, verifyFactor } from './verify.ts'

/** The Authentication API and the Sessions API of an org. */
export interface Authn {
  readonly routes: readonly Route[]
  /** The switches; they may be changed at any time. */
  readonly settings: Desk['settings']
  /** Begins a step-up, as an app that wants more does: the `stateToken` for whoever comes without a session. */
  readonly stepUp: (original: string) => string
  /** The token of the mail that a new user gets. */
  readonly activationToken: (user: string) => string
}

export function createAuthn(org: Org, options: AuthnOptions = {}): Authn {
  const desk = createDesk(org, options)
  return {
    routes: [...authnRoutes(desk), ...sessionRoutes(org)],
    settings: desk.settings,
    stepUp: (original) =>
      begin(desk, { purpose: 'step-up', person: undefined, wishes: { original } }).token,
    activationToken: (user) => {
      const person = org.findPerson(user)
      if (person === undefined) throw new Error(`there is no ${user}`)
      const token = randomText(20)
      desk.links.put(token, { person, purpose: 'ACTIVATION', relayState: undefined }, 86_400)
      return token
    },
  }
}

type Door = (desk: Desk, call: Call) => Answer

const doors: readonly (readonly [path: string, door: Door])[] = [
  ['', primary],
  ['/factors', enrollFactor],
  ['/factors/(?<id>[^/]+)/lifecycle/activate(?:/poll)?', activateFactor],
  ['/factors/(?<id>[^/]+)/lifecycle/resend', resendActivation],
  ['/factors/(?<id>[^/]+)/lifecycle/duoCallback', duoCallback],
  ['/factors/(?<id>[^/]+)/verify', verifyFactor],
  ['/factors/(?<id>[^/]+)/verify/resend', resendFactor],
  ['/previous', previous],
  ['/skip', skip],
  ['/cancel', cancel],
  ['/credentials/change_password', changePassword],
  ['/credentials/reset_password', resetPassword],
  ['/recovery/password', (desk, call) => recover(desk, call, 'PASSWORD')],
  ['/recovery/unlock', (desk, call) => recover(desk, call, 'UNLOCK')],
  ['/recovery/token', recoveryToken],
  ['/recovery/answer', recoveryAnswer],
  ['/recovery/factors/(?<channel>SMS|CALL)/verify', verifyRecovery],
  ['/recovery/factors/(?<channel>SMS|CALL)/resend', resendRecovery],
]

const authnRoutes = (desk: Desk): readonly Route[] =>
  doors.map(([path, door]) => ({
    method: 'POST',
    path: new RegExp(`^/api/v1/authn${path}$`),
    endpoint: 'authn',
    hasCors: true,
    answer: (call) => door(desk, call),
  }))

function sessionRoutes(org: Org): readonly Route[] {
  const one = /^\/api\/v1\/sessions\/(?<id>[^/]+)$/
  const shared = { endpoint: 'sessions', hasCors: true } as const
  return [
    {
      ...shared,
      method: 'POST',
      path: /^\/api\/v1\/sessions$/,
      answer: (call) => createSession(org, call),
    },
    { ...shared, method: 'GET', path: one, answer: (call) => getSession(org, call) },
    { ...shared, method: 'DELETE', path: one, answer: (call) => closeSession(org, call) },
    {
      ...shared,
      method: 'POST',
      path: /^\/api\/v1\/sessions\/(?<id>[^/]+)\/lifecycle\/refresh$/,
      answer: (call) => refreshSession(org, call),
    },
    {
      method: 'DELETE',
      path: /^\/api\/v1\/users\/(?<id>[^/]+)\/sessions$/,
      endpoint: 'management',
      answer: (call) => closeAllSessions(org, call),
    },
    ...(['GET', 'POST'] as const).map((method): Route => ({
      method,
      path: /^\/login\/sessionCookieRedirect$/,
      endpoint: 'login',
      answer: (call) => cookieRedirect(org, call),
    })),
  ]
}
