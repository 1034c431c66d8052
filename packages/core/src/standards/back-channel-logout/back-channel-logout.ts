import { Refusal } from '../../errors/refusal.ts'
import type { HeaderField, Reply } from '../../http/reply.ts'
import type { HttpRequest } from '../../http/request.ts'
import { checkOptions, fn, oneOf, seconds, someSeconds, type Check } from '../../lib/assert.ts'
import { isRecord } from '../../lib/own.ts'
import { digest } from '../../lib/seal.ts'
import { tell } from '../../lib/tell.ts'
import type { Door, DoorParts } from '../../login/door.ts'
import { asked } from '../../session/asked.ts'
import { memoryReplays } from '../../session/memory-replays.ts'
import type { ReplayStore } from '../../session/replay.ts'
import { checkLogoutToken, refused, type LogoutToken } from './logout-token.ts'

/** How logout tokens are taken in. */
export interface BackChannelLogoutOptions {
  /**
   * Remembers which logout tokens were used. Default: in the memory of this process; several processes
   * share one, such as that of Redis.
   */
  readonly replays?: ReplayStore
  /** Below the base URL. Default `/backchannel-logout`. */
  readonly path?: string
  /** Seconds by which the issuer's clock may differ from ours. Default 5. */
  readonly clockTolerance?: number
  /** Seconds after its issue at which a logout token is too old, whatever its `exp` says. Default 120. */
  readonly maxAge?: number
  /**
   * Whether a logout token must have an `exp`. Default `required`, as the specification has it since
   * December 2023; `optional` is for issuers that leave it out, and then `maxAge` alone bounds the token.
   */
  readonly expiry?: 'required' | 'optional'
  /** Told of every refused logout token, for logs: the answer to the issuer says nothing. What it throws is ignored. */
  readonly onRefused?: (refusal: Refusal) => void
}

const path: Check = (value) =>
  typeof value === 'string' && /^(?:\/[\w\-.~]+)+$/.test(value)
    ? undefined
    : 'must be a path such as /backchannel-logout'

const checks: Readonly<Record<keyof BackChannelLogoutOptions, Check>> = {
  replays: (value) =>
    isRecord(value) && typeof value['first'] === 'function' && typeof value['has'] === 'function'
      ? undefined
      : 'must be a store with the methods first and has',
  path,
  clockTolerance: seconds,
  maxAge: someSeconds,
  expiry: oneOf('required', 'optional'),
  onRefused: fn,
}

/** Lets the issuer end sessions by a call of its own (OpenID Connect Back-Channel Logout 1.0). */
export function backChannelLogout(options: BackChannelLogoutOptions = {}): Door {
  checkOptions('backChannelLogout', options, checks)
  return {
    path: options.path ?? '/backchannel-logout',
    endsSessions: true,
    open: (parts) => open(parts, options),
  }
}

function open(
  parts: DoorParts,
  options: BackChannelLogoutOptions,
): (r: HttpRequest) => Promise<Reply> {
  const { onRefused } = options
  const replays = options.replays ?? memoryReplays({ now: parts.now })
  return async (request) => {
    if (request.method !== 'POST') return reply(405, [['Allow', 'POST']])
    try {
      const token = await examine(request, parts, options)
      await endOnce(token, parts, replays)
      return reply(200)
    } catch (error) {
      if (!Refusal.is(error)) throw error
      tell(onRefused, error)
      return reply(400, [['Content-Type', 'application/json']], '{"error":"invalid_request"}')
    }
  }
}

async function examine(
  request: HttpRequest,
  { client, readSigned, now }: DoorParts,
  { clockTolerance: tolerance = 5, maxAge = 120, expiry = 'required' }: BackChannelLogoutOptions,
): Promise<LogoutToken> {
  const [token, ...more] = (await request.form()).getAll('logout_token')
  if (token === undefined || token === '') throw refused('request', 'there is none in the form')
  if (more.length > 0) throw refused('request', 'there is more than one in the form')
  const signed = await readSigned(token).catch((error: unknown) => {
    throw Refusal.is(error) ? refused('signature', 'it is no JWT of the issuer', error) : error
  })
  const issuer = client.issuer.url
  const policy = { issuer, client: client.id, now: now() / 1000, tolerance, maxAge, expiry }
  return checkLogoutToken(signed, policy)
}

/**
 * A token is used up only when its sessions are ended: whoever sends it again because we failed is not
 * taken for a thief. Two who bring it at the same moment both end what is to be ended.
 */
async function endOnce(
  { id, owner, remaining }: LogoutToken,
  { client, endSessions }: DoorParts,
  replays: ReplayStore,
): Promise<void> {
  const name = `logout:${digest(JSON.stringify([owner.issuer, client.id, id]))}`
  if (await asked('has', async () => replays.has(name)))
    throw refused('replay', 'it was used before')
  await endSessions(owner)
  await asked('first', async () => replays.first(name, Math.ceil(remaining)))
}

// §2.8: an answer must never be kept.
const reply = (status: number, headers: readonly HeaderField[] = [], body?: string): Reply => ({
  status,
  headers: [['Cache-Control', 'no-store'], ...headers],
  ...(body !== undefined && { body }),
})
