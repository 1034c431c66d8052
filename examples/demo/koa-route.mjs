/** As much of a router as the demo needs. */
export function route(app, path, ...middleware) {
  for (const one of middleware) {
    app.use((ctx, next) => (ctx.path === path ? one(ctx, next) : next()))
  }
}
