import { createServer, request as forward } from 'node:http'

const kept = ['accept', 'content-length', 'content-type', 'user-agent', 'x-request-id']
const identity = ['authorization', 'x-auth-subject']

/** What nginx does, where there is none: asks the gateway's handler, and passes on what may pass. */
export function createFront(handler, upstream) {
  return createServer(async (request, response) => {
    const verdict = await handler(question(request))
    if (verdict.status !== 200) {
      response.writeHead(verdict.status, Object.fromEntries(verdict.headers))
      return response.end(verdict.body)
    }
    const [host, port] = upstream.split(':')
    const { method, url: path } = request
    // Nothing of the client's goes on but what is named here, so nothing can be forged.
    const known = kept.flatMap((name) =>
      request.headers[name] ? [[name, request.headers[name]]] : [],
    )
    const told = verdict.headers.filter(([name]) => identity.includes(name.toLowerCase()))
    const headers = Object.fromEntries([...known, ...told])
    const onward = forward({ host, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.once('error', () => response.writeHead(502).end())
    return request.pipe(onward)
  })
}

const question = (request) => {
  const fields = {
    authorization: request.headers.authorization,
    'x-forwarded-method': request.method,
    'x-forwarded-uri': request.url,
    'x-forwarded-host': request.headers.host?.replace(/:\d+$/, ''),
    'x-forwarded-proto': 'http',
  }
  return {
    method: 'GET',
    url: 'http://gateway.internal/check',
    header: (name) => fields[name],
    form: async () => new URLSearchParams(),
  }
}
