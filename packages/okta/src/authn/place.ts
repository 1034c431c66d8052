import { Outage } from '@portcullis/core'
import { failed, type AuthnFailure } from './failure.ts'
import { follow, refuseInput, type Move } from './follow.ts'
import type { Json } from './json.ts'
import type { Link } from './link.ts'
import type { AuthnAct } from './observe.ts'
import type { AuthnCall, AuthnFactorCall } from './options.ts'
import type { AuthnParts } from './parts.ts'
import { readAnswer, type Reading } from './reading.ts'
import type { AuthnAnswer, AuthnCancelled, AuthnStep, AuthnStepInfo, Cancellable } from './steps.ts'

/** Where a sign-in stands, from the inside. */
export interface Place {
  readonly parts: AuthnParts
  readonly reading: Reading
  readonly username: string | undefined
  /** The step that is made of it. */
  readonly step: () => AuthnStep
}

/** What a method does. */
export interface Doing {
  readonly act: AuthnAct
  readonly fields?: Json
  readonly counts?: Move['counts']
  readonly factor?: string | undefined
  readonly call: AuthnCall | undefined
}

/** Follows a link with the state token. */
export const proceed = (place: Place, link: Link, doing: Doing): Promise<AuthnAnswer> => {
  const { parts, reading, username } = place
  return enter(parts, {
    ...moveOf(place, doing),
    url: link.href,
    body: { stateToken: reading.stateToken, ...doing.fields },
    username,
  })
}

/** Sends a move and makes a step of the answer. */
export const enter = (parts: AuthnParts, move: Move): Promise<AuthnAnswer> =>
  follow(parts, move, (body) =>
    parts.make({
      reading: readAnswer(body, { url: move.url, origin: parts.origin, now: parts.now() }),
      username: move.username,
      body,
    }),
  )

const moveOf = (place: Place, { act, factor, counts = 'nothing', call = {} }: Doing) => ({
  act,
  factor,
  counts,
  call,
  username: place.username,
  step: place.step(),
})

/** Refuses an input without sending it. */
export const refuse = async (place: Place, doing: Doing, field: string): Promise<AuthnFailure> =>
  refuseInput(place.parts, moveOf(place, doing), field)

/** What all steps say. */
export const infoOf = ({ reading, username }: Place): AuthnStepInfo => ({
  username,
  user: reading.user,
  expiresAt: reading.expiresAt,
  relayState: reading.relayState,
})

/** The end of a sign-in. */
export const canceller = (place: Place): Cancellable => ({
  cancel: async (call?: AuthnCall): Promise<AuthnCancelled | AuthnFailure> => {
    const { parts, reading } = place
    if (reading.cancel === undefined) return failed('state_wrong')
    const move = moveOf(place, { act: 'cancel', call })
    const { href: url } = reading.cancel
    return follow(
      parts,
      { ...move, url, body: { stateToken: reading.stateToken } },
      (): AuthnCancelled => ({ status: 'CANCELLED', relayState: reading.relayState }),
    )
  },
})

/** A method without input, where Okta offers the link. */
export const optional = (
  place: Place,
  link: Link | undefined,
  doing: Omit<Doing, 'call'>,
): ((call?: AuthnCall) => Promise<AuthnAnswer>) | undefined =>
  link === undefined ? undefined : (call) => proceed(place, link, { ...doing, call })

/** A link without which the step makes no sense. */
export function need(place: Place, link: Link | undefined): Link {
  const { parts, reading } = place
  if (link !== undefined && reading.stateToken !== undefined) return link
  throw new Outage('endpoint_failed', `${reading.status} without a way on`, {
    url: `${parts.origin}/api/v1/authn`,
    phase: 'content',
  })
}

/** A link to verify, with what the policy lets the user choose. */
export function choosing(link: Link, call: AuthnFactorCall | undefined): Link {
  const { rememberDevice, autoPush } = call ?? {}
  if (rememberDevice === undefined && autoPush === undefined) return link
  const url = new URL(link.href)
  if (rememberDevice !== undefined) url.searchParams.set('rememberDevice', String(rememberDevice))
  if (autoPush !== undefined) url.searchParams.set('autoPush', String(autoPush))
  return { ...link, href: url.href }
}
