import {
  expireCookie,
  readCookie,
  writeCookie,
  type HeaderField,
  type HttpRequest,
} from '@portcullis/core'
import { recordOf, textOf } from '../authn/json.ts'
import type { DirectState } from '../direct/state.ts'
import { channels, type SecondFactor } from '../direct/wire.ts'
import type { DirectLoginParts } from './options.ts'

/** How far a browser's sign-in is. */
export interface Progress {
  readonly state: DirectState | undefined
  /** The second factors to choose from. */
  readonly next: readonly SecondFactor[]
  /** Whether another factor is to be chosen, because the one of the state did not work out. */
  readonly isChoosing: boolean
  readonly returnTo: string | undefined
}

/** A browser that is not signing in. */
export const noProgress: Progress = {
  state: undefined,
  next: [],
  isChoosing: false,
  returnTo: undefined,
}

const secondFactors: ReadonlySet<unknown> = new Set<SecondFactor>(['otp', 'webauthn', ...channels])
const isSecondFactor = (value: unknown): value is SecondFactor => secondFactors.has(value)

/** Reads what the browser keeps. The state is sealed; the rest is the browser's own to change. */
export function readProgress(
  { options, cookieName }: DirectLoginParts,
  request: HttpRequest,
): Progress {
  const value = readCookie(request.header('cookie') ?? '', cookieName) ?? ''
  const [sealed = '', rest = ''] = value.split('.')
  const state = options.direct.openState(sealed)
  if (state === undefined) return noProgress
  const { next, isChoosing, returnTo } = parsed(rest) ?? {}
  return {
    state,
    next: Array.isArray(next) ? next.filter(isSecondFactor) : [],
    isChoosing: isChoosing === true,
    returnTo: textOf(returnTo),
  }
}

function parsed(rest: string): ReturnType<typeof recordOf> {
  try {
    return recordOf(JSON.parse(Buffer.from(rest, 'base64url').toString()))
  } catch {
    return undefined
  }
}

/** Lets the browser keep it, or takes it away where there is nothing to go on with. */
export function keepProgress(
  { options, cookieName, cookie, now }: DirectLoginParts,
  { state, ...rest }: Progress,
): HeaderField {
  if (state === undefined) return expireCookie(cookieName, cookie)
  const extra = Buffer.from(JSON.stringify(rest)).toString('base64url')
  const maxAge = Math.ceil((state.expiresAt - now()) / 1000)
  const value = `${options.direct.sealState(state)}.${extra}`
  return writeCookie(cookieName, value, { ...cookie, maxAge })
}
