// The older lines of the hosts have no types of their own under their aliases, and need none: what
// the suites call is the same on both.
declare module 'express4' {
  export { default } from 'express'
}
declare module 'koa2' {
  export { default } from 'koa'
}
