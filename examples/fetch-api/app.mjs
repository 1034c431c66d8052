import { createGuard, hasClaim, hasScope, principal, protect } from '@portcullis/fetch'

/** A function from Request to Response, as every host with web-standard handlers takes it. */
export function createApp(options) {
  const guard = createGuard(options)
  const routes = {
    '/': () => Response.json({ message: 'Everybody may read this.' }),
    '/orders': protect(
      guard,
      hasScope('orders:read'),
    )((request) => Response.json({ of: principal(request).subject, orders: [1001, 1002] })),
    '/staff': protect(
      guard,
      hasClaim('groups', 'staff'),
    )(() => Response.json({ message: 'The groups claim holds staff.' })),
  }
  return (request) => {
    const { pathname } = new URL(request.url)
    const handler = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined
    return handler ? handler(request) : new Response('Not Found', { status: 404 })
  }
}
