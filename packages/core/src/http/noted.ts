import type { HttpRequest } from './request.ts'

/** A request with its address read, and perhaps with another method; everything else is asked of the request itself. */
export function noted(request: HttpRequest, method: string = request.method): HttpRequest {
  const { url, json, certificate } = request
  return {
    method,
    url,
    header: (name) => request.header(name),
    form: () => request.form(),
    ...(json && { json: () => json.call(request) }),
    ...(certificate && { certificate: () => certificate.call(request) }),
    get response() {
      return request.response
    },
  }
}
