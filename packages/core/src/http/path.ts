import type { Reply } from './reply.ts'
import type { HttpRequest } from './request.ts'

/** The path of a request. Asked for every request of an application, so no URL is parsed. */
export function pathOf({ url }: HttpRequest): string {
  const from = url.indexOf('/', url.indexOf('://') + 3)
  const end = url.indexOf('?', from)
  return end === -1 ? url.slice(from) : url.slice(from, end)
}

/** For a path that is ours, and a method that it does not have. */
export const notAllowed = (methods: readonly string[]): Reply => ({
  status: 405,
  headers: [
    ['Allow', methods.join(', ')],
    ['Cache-Control', 'no-store'],
  ],
})
