import { ConfigurationError } from '../errors/configuration.ts'
import { Refusal } from '../errors/refusal.ts'
import { cut } from '../http/challenge.ts'
import { noted } from '../http/noted.ts'
import { notAllowed, pathOf } from '../http/path.ts'
import type { Handler, Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { isRecord } from '../lib/own.ts'
import type { SessionOwner } from '../session/session.ts'
import type { Base } from './base.ts'
import type { Door } from './door.ts'
import { createFinish } from './finish.ts'
import { loggedOut, logout, type EndSessionUrl } from './logout.ts'
import { failed } from './failure.ts'
import { report } from './observe.ts'
import { pathsOf } from './paths.ts'
import type { LoginParts, SitePaths } from './site.ts'
import { start, type LoginWish } from './start.ts'

/** The addresses of a login. */
export interface Routes {
  readonly handler: Handler
  readonly begin: (wish: LoginWish) => Handler
  readonly endSessions: (owner: SessionOwner, by?: 'anybody') => Promise<void>
  /** For challenges. */
  readonly loginPath: string
}

export interface RouteParts {
  readonly endSession: EndSessionUrl
  readonly origins: ReadonlySet<string>
  readonly bases: readonly Base[]
}

type Step = (request: HttpRequest) => Promise<Reply>

interface Route {
  readonly methods: readonly string[]
  readonly step: Step
}

/** Makes the handler of a login: path and method to step. */
export function createRoutes(
  parts: LoginParts,
  { endSession, origins, bases }: RouteParts,
): Routes {
  const { options } = parts
  const finish = createFinish(parts)
  const endSessions = createEnding(parts, bases)
  const doors = openDoors(parts, endSessions)
  const steps: Readonly<Record<keyof SitePaths, Route>> = {
    login: { methods: ['GET', 'HEAD', 'POST'], step: (request) => start(parts, request, {}) },
    callback: { methods: ['GET', 'POST'], step: finish },
    logout: {
      methods: ['GET', 'POST'],
      step: (request) => logout(parts, endSession, origins, request),
    },
    loggedOut: {
      methods: ['GET', 'HEAD'],
      step: (request) => Promise.resolve(loggedOut(parts, request)),
    },
  }
  const table = tableOf(parts, bases, (root) => [
    ...entriesOf(pathsOf(options.routes, root)).map(([name, path]) => [path, steps[name]] as const),
    ...doors.map(({ path, route }) => [root + path, route] as const),
  ])

  const withErrorPage =
    (step: Step): Step =>
    async (asked) => {
      // Where a form is too large to be read the connection ends, and hosts forget under which address it was.
      const request = noted(asked)
      try {
        return await step(request)
      } catch (error) {
        return failed(parts, request, error)
      }
    }

  return {
    endSessions,
    loginPath: pathsOf(options.routes, bases[0]?.path ?? '').login,
    begin: (wish) => async (request) => {
      checkRequest(request)
      return withErrorPage((asked) => start(parts, asked, wish))(request)
    },
    handler: async (request) => {
      checkRequest(request)
      const route = table.get(pathOf(request))
      if (route === undefined) return undefined
      if (!route.methods.includes(request.method)) return notAllowed(route.methods)
      return withErrorPage(route.step)(request)
    },
  }
}

// A host that takes the handler for a middleware would wait for ever for what it never calls.
function checkRequest(request: HttpRequest): void {
  const given: unknown = request
  if (isRecord(given) && typeof given['form'] === 'function') return
  throw new ConfigurationError(
    'a handler of the login was given a request of the host: mount it with routes(login.handler)',
  )
}

// Where a proxy takes the path away the addresses are known without it, and for those who come past it.
function tableOf(
  { options }: LoginParts,
  bases: readonly Base[],
  routesBelow: (root: string) => readonly (readonly [path: string, route: Route])[],
): ReadonlyMap<string, Route> {
  const starts = bases.map(({ path }) => path)
  const table = new Map<string, Route>()
  for (const root of new Set(options.strippedPath ? [...starts, ''] : starts)) {
    const below = routesBelow(root)
    if (new Set(below.map(([path]) => path)).size < below.length) {
      throw new ConfigurationError('login.routes and login.doors must not share a path')
    }
    for (const [path, route] of below) table.set(path, route)
  }
  return table
}

const entriesOf = (paths: SitePaths): readonly (readonly [keyof SitePaths, string])[] =>
  // These are the members of SitePaths, and no others.
  (Object.entries(paths) as [keyof SitePaths, string | undefined][]).flatMap(([name, path]) =>
    path === undefined ? [] : [[name, path] as const],
  )

interface OpenDoor {
  readonly path: string
  readonly route: Route
}

function openDoors(parts: LoginParts, endSessions: Routes['endSessions']): readonly OpenDoor[] {
  const { options, client, readSigned, now } = parts
  return (options.doors ?? []).map((door) => {
    checkDoor(door, options)
    const open = door.open({
      client,
      readSigned,
      now,
      endSessions: (owner) =>
        endSessions(owner, door.believesAnybody === true ? 'anybody' : undefined),
      current: async (request) => {
        const found = await parts.siteOf(request).keeper.find(request)
        return found === undefined || Refusal.is(found) ? undefined : found.session
      },
      forget: (request) => parts.siteOf(request).keeper.forget(request),
    })
    return { path: door.path, route: { methods: ['GET', 'POST'], step: open } }
  })
}

function checkDoor(door: Door, { sessions, revocations }: LoginParts['options']): void {
  if (typeof door.open !== 'function') {
    throw new ConfigurationError('login.doors must hold what backChannelLogout() and others made')
  }
  if (door.endsSessions && !canEnd({ sessions, revocations })) {
    throw new ConfigurationError(`login.doors: ${door.path} ${outOfReach}`)
  }
}

const outOfReach =
  'cannot end sessions that only browsers hold; set revocations, or use storedSessions()'

const canEnd = ({
  sessions,
  revocations,
}: Pick<LoginParts['options'], 'sessions'> & { readonly revocations: unknown }): boolean =>
  sessions.kind === 'stored' || revocations !== undefined

// The same store is behind every base URL, so one of them can end the sessions of all.
function createEnding(parts: LoginParts, [first]: readonly Base[]): Routes['endSessions'] {
  const { sessions, revocations } = parts.options
  return async (owner, by) => {
    if (first === undefined) return
    if (!canEnd({ sessions, revocations })) {
      throw new ConfigurationError(`login.endSessions ${outOfReach}`)
    }
    if (owner.sub === undefined && owner.sid === undefined) {
      throw new ConfigurationError('login.endSessions must be told sub, sid, or both')
    }
    const { keeper } = parts.siteOf(plainRequest(first))
    await keeper.endBy(owner, by)
    const { sub, sid } = owner
    report(parts.options.observe, { type: 'ended-elsewhere', subject: told(sub), sid: told(sid) })
  }
}

// A door may believe anybody, and these words go to logs.
const told = (name: string | undefined): string | undefined =>
  name === undefined ? undefined : cut(name)

const plainRequest = ({ url }: Base): HttpRequest => ({
  method: 'GET',
  url: `${url}/`,
  header: () => undefined,
  form: () => Promise.resolve(new URLSearchParams()),
})
