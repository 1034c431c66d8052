import type { LoginRoutes } from './options.ts'
import type { SitePaths } from './site.ts'

/** The addresses of a login, below the path of a base URL. */
export function pathsOf(routes: LoginRoutes = {}, start = ''): SitePaths {
  const { login = '/login', callback = '/callback', logout = '/logout', loggedOut = false } = routes
  return {
    login: start + login,
    callback: start + callback,
    logout: logout === false ? undefined : start + logout,
    loggedOut: loggedOut === false ? undefined : start + loggedOut,
  }
}
