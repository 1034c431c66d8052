import express from 'express'
import { none, peers } from '../peers/session.mjs'
import { session, tokens } from '../peers/session-content.mjs'

/** A hello-world application behind the session of one subject; `/sign-in` begins one. */
export async function build(subject, setup) {
  const { middleware, signIn, isSignedIn } = await find(subject)
  const app = express()
  app.use(await middleware(setup))
  app.get('/sign-in', (req, res, next) => {
    const content = subject.startsWith('Portcullis') ? session() : tokens()
    Promise.resolve(signIn?.(req, res, content)).then(() => res.json({ signedIn: true }), next)
  })
  app.get('/orders', (req, res) => {
    if (isSignedIn !== undefined && !isSignedIn(req)) res.status(401).end()
    else res.json({ orders: ['one', 'two', 'three'] })
  })
  return app
}

async function find(subject) {
  if (subject === none.name) return none
  if (!subject.startsWith('Portcullis')) return peers.find(({ name }) => name === subject)
  const { portcullis } = await import('../peers/session-portcullis.mjs')
  return portcullis
}
