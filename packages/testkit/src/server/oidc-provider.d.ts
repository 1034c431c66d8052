// Deep imports: the package's own entry prints a notice on Node 20, where it works all the same.
declare module 'oidc-provider/lib/provider.js' {
  export { Provider } from 'oidc-provider'
}
declare module 'oidc-provider/lib/helpers/errors.js' {
  import { errors } from 'oidc-provider'
  export import AccessDenied = errors.AccessDenied
  export import InvalidTarget = errors.InvalidTarget
}
