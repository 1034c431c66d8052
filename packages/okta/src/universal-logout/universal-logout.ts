import { createHash } from 'node:crypto'
import {
  asked,
  createIssuer,
  createSignedReader,
  memoryReplays,
  Refusal,
  tell,
  type Door,
  type DoorParts,
  type HeaderField,
  type HttpRequest,
  type ReplayStore,
  type Reply,
  type SignedReader,
} from '@portcullis/core'
import { readCall, type Call } from './call.ts'
import { settingsOf, type Settings, type UniversalLogoutOptions } from './options.ts'
import { refused, statusOf } from './refused.ts'
import { subjectsOf } from './subject.ts'

/**
 * Lets Okta end all sessions of a user by a call of its own (Universal Logout, the global token
 * revocation call): a door of the login.
 *
 * @example
 * createLogin({ …, doors: [universalLogout({ endpoint: 'https://app.example.com/global-token-revocation' })] })
 */
export function universalLogout(options: UniversalLogoutOptions): Door {
  const settings = settingsOf(options)
  return { path: settings.path, endsSessions: true, open: (parts) => open(parts, settings) }
}

function open(parts: DoorParts, settings: Settings): (request: HttpRequest) => Promise<Reply> {
  const issuer = parts.client.issuer.url
  const orgs = settings.orgs ?? [new URL(issuer).origin]
  const readers = new Map(orgs.map((org) => [org, readerOf(org, parts, settings)]))
  const issuers = settings.issuers ?? [issuer]
  const namers = new Set([...orgs, ...issuers, issuer])
  const replays = settings.replays ?? memoryReplays({ now: parts.now })

  const act = async (request: HttpRequest): Promise<void> => {
    const { endpoints, tolerance, maxAge } = settings
    const call = await readCall(request.header('authorization'), {
      readers,
      endpoints,
      tolerance,
      maxAge,
      client: parts.client.id,
      now: parts.now() / 1000,
    })
    await once(call, parts.client.id, replays, async () => {
      const subs = await subjectsOf(request, settings, namers)
      await Promise.all(
        issuers.flatMap((one) => subs.map((sub) => parts.endSessions({ issuer: one, sub }))),
      )
    })
  }

  return async (request) => {
    if (request.method !== 'POST') return reply(405, [['Allow', 'POST']])
    try {
      await act(request)
      return reply(204)
    } catch (error) {
      if (!Refusal.is(error)) throw error
      const status = statusOf(error)
      tell(settings.onRefused, error, status)
      return status === 401 ? reply(401, challengeOf(error)) : reply(status)
    }
  }
}

function readerOf(org: string, { now }: DoorParts, { fetch }: Settings): SignedReader {
  const issuer = createIssuer({ issuer: org, now, ...(fetch && { fetch }) })
  return createSignedReader({ issuer, algorithms: ['RS256'] })
}

/**
 * A call is used up only when the sessions are ended: whoever sends it again because we failed is not
 * taken for a thief. Two who bring it at the same moment both end what is to be ended.
 */
async function once(
  { org, id, remaining }: Call,
  client: string,
  replays: ReplayStore,
  act: () => Promise<void>,
): Promise<void> {
  const name = `universal-logout:${digest(JSON.stringify([org, client, id]))}`
  if (await asked('has', async () => replays.has(name)))
    throw refused('replay', 'it was used before')
  await act()
  await asked('first', async () => replays.first(name, Math.ceil(remaining)))
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')

// RFC 6750 §3.1: who brings no credential at all is told no error.
const challengeOf = ({ trail }: Refusal): readonly HeaderField[] => [
  ['WWW-Authenticate', trail.check === 'credential' ? 'Bearer' : 'Bearer error="invalid_token"'],
]

const reply = (status: number, headers: readonly HeaderField[] = []): Reply => ({
  status,
  headers: [['Cache-Control', 'no-store'], ...headers],
})
