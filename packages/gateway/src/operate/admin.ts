import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Handler } from '@portcullis/core'
import { fromNode, sendNode } from '@portcullis/core/node'
import { metricsType } from './metrics.ts'

/** Whether requests should come here, and if not why not. */
export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/** What the admin address tells. */
export interface AdminParts {
  readonly readiness: () => Readiness
  readonly metrics: () => Promise<string>
  /** Without secrets. */
  readonly config: () => unknown
  /** Metadata and keys of the internal token. */
  readonly handler: Handler
}

interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
}

const json = (status: number, value: unknown): Page => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(value)}\n`,
})

/** Serves probes, metrics, the configuration and the keys of the internal token; not bound yet. */
export function createAdmin(parts: AdminParts): Server {
  const server = createServer({ requestTimeout: 5000 }, (request, response) => {
    answer(parts, request, response).catch(() => {
      if (!response.headersSent) send(response, json(500, { error: 'internal_error' }))
    })
  })
  server.maxConnections = 256
  return server
}

async function answer(
  parts: AdminParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    return send(response, json(405, { error: 'method_not_allowed' }))
  }
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  const page = await pageAt(parts, path)
  if (page !== undefined) return send(response, page)
  const reply = await parts.handler(fromNode(request, request, view))
  if (reply === undefined) return send(response, json(404, { error: 'not_found' }))
  response.setHeader('X-Content-Type-Options', 'nosniff')
  sendNode(response, reply)
}

const view = {
  address: (request: IncomingMessage) => ({
    protocol: 'http',
    host: request.headers.host,
    target: request.url ?? '/',
  }),
  body: () => undefined,
}

async function pageAt(parts: AdminParts, path: string): Promise<Page | undefined> {
  if (path === '/livez') return json(200, { live: true })
  if (path === '/readyz') {
    const readiness = parts.readiness()
    return json(readiness.ready ? 200 : 503, readiness)
  }
  if (path === '/metrics') return { status: 200, type: metricsType, body: await parts.metrics() }
  return path === '/config' ? json(200, parts.config()) : undefined
}

function send(response: ServerResponse, { status, type, body }: Page): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(body)
}
