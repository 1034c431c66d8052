import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Endpoint } from './endpoints.ts'
import { answerGarbage, type Garbage } from './garbage.ts'

/** What goes wrong at an endpoint. */
export type Fault =
  /** Connections are reset: for `'all'` before a byte is read, otherwise when the request arrives. */
  | { readonly kind: 'down' }
  /** The request is read and never answered. */
  | { readonly kind: 'hang' }
  /** The answer begins, and never ends. */
  | { readonly kind: 'stall' }
  /** The right answer, late. */
  | { readonly kind: 'slow'; readonly seconds: number }
  /** 200, and nonsense. Default `html`. */
  | { readonly kind: 'garbage'; readonly as?: Garbage }
  /** An answer of your own, by default an empty 500: a 503, a redirect, other metadata. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: OutgoingHttpHeaders
      readonly body?: string
    }

/** The switches. A fault stays until it is cleared. */
export interface Faults<Door extends string = Endpoint> {
  /** Replaces whatever fault the endpoint has. An endpoint's own fault goes before that of `'all'`. */
  readonly set: (where: Door | 'all', fault: Fault) => void
  /** Ends one fault, or every fault. Requests that hang stay hanging. */
  readonly clear: (where?: Door | 'all') => void
}

export interface FaultSwitches<Door extends string = Endpoint> extends Faults<Door> {
  /** Whether new connections are to be reset. */
  readonly down: () => boolean
  /** Does what the fault says; answers whether the request still wants its right answer. */
  readonly meet: (
    endpoint: Door,
    request: IncomingMessage,
    response: ServerResponse,
  ) => Promise<boolean>
}

export function createFaults<Door extends string = Endpoint>(
  onDown: () => void,
): FaultSwitches<Door> {
  const active = new Map<Door | 'all', Fault>()
  const down = () => active.get('all')?.kind === 'down'
  return {
    set: (where, fault) => {
      active.set(where, fault)
      if (down()) onDown()
    },
    clear: (where) => (where === undefined ? active.clear() : active.delete(where)),
    down,
    meet: (endpoint, request, response) => {
      const fault = active.get(endpoint) ?? active.get('all')
      return fault === undefined ? Promise.resolve(true) : commit(fault, request, response)
    },
  }
}

async function commit(
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  switch (fault.kind) {
    case 'slow':
      return stillThereAfter(fault.seconds, response)
    case 'down':
      request.socket.resetAndDestroy()
      break
    case 'hang':
      break
    case 'stall':
      response.writeHead(200, { 'Content-Type': 'application/json' }).write('{')
      break
    case 'garbage':
      answerGarbage(response, fault.as ?? 'html')
      break
    case 'status':
      response.writeHead(fault.status, fault.headers).end(fault.body)
      break
  }
  return false
}

// node:timers/promises, so that fake timers do not stop the server; ends with the connection.
async function stillThereAfter(seconds: number, response: ServerResponse): Promise<boolean> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  try {
    await delay(seconds * 1000, undefined, { signal: gone.signal })
    return true
  } catch {
    return false
  }
}
