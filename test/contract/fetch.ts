import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { optionalPrincipal, principal, protect, routes } from '@portcullis/fetch'
import type { AdapterUnderTest, Setup } from '@portcullis/testkit/contract'

const createSite = ({ guard, rules, answer, handler }: Setup) => {
  const reply = (request: Request): Response =>
    Response.json(
      answer({
        principal: () => principal(request),
        optionalPrincipal: () => optionalPrincipal(request),
      }),
    )
  const guarded = protect(guard, ...rules)(reply)
  const before = handler && routes(handler)
  return async (request: Request): Promise<Response> => {
    const answered = await before?.(request)
    if (answered !== undefined) return answered
    return new URL(request.url).pathname === '/guarded' ? guarded(request) : reply(request)
  }
}

type Site = ReturnType<typeof createSite>

// The bridge that every web-standard host has on Node: repeated fields arrive joined, as Fetch says.
async function bridge(site: Site, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const headers = new Headers()
  for (const [name, values] of Object.entries(req.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  const { method = 'GET' } = req
  const body =
    method === 'GET' || method === 'HEAD'
      ? {}
      : { body: Readable.toWeb(req), duplex: 'half' as const }
  const response = await site(new Request(urlOf(req), { method, headers, ...body })).catch(
    () => new Response('Internal Server Error', { status: 500 }),
  )
  res.statusCode = response.status
  for (const [name, value] of response.headers) res.appendHeader(name, value)
  res.end(Buffer.from(await response.arrayBuffer()))
}

// Which URL a request has is for the bridge to say: the adapter is handed nothing else.
function urlOf({ headers: { host = '' }, url = '/' }: IncomingMessage): string {
  const named = `http://${host}`
  const origin =
    /^[\w.:[\]-]+$/.test(host) && URL.canParse(named) ? named : 'http://unknown.invalid'
  return origin + url.replace(/^http:\/\/[^/]*/, '')
}

export const fetches: readonly AdapterUnderTest[] = [
  {
    name: 'Fetch',
    createApp: (setup) => {
      const site = createSite(setup)
      return (req, res) => void bridge(site, req, res)
    },
    lacks: ['mounting', 'proxy', 'parsedBody', 'sendFirst', 'errorHandler', 'http2'],
  },
]
