import express from 'express'
import { peers } from '../peers/index.mjs'
import { limit } from '../peers/limit.mjs'

/** A hello-world application, behind the guard of one subject. */
export async function build(subject, setup) {
  const app = express()
  app.get('/orders', ...(await guards(subject, setup)), (_req, res) => {
    res.json({ orders: ['one', 'two', 'three'] })
  })
  return app
}

async function guards(subject, setup) {
  if (subject === 'unguarded') return []
  if (subject === 'only next()') return [(_req, _res, next) => next()]
  if (subject.startsWith('Portcullis')) {
    const { express: ours } = await import('../peers/portcullis.mjs')
    return [await ours(subject, setup)]
  }
  const peer = [limit, ...peers].find(({ name }) => name === subject)
  return [peer.express?.(setup) ?? byHand(peer.createVerifier(setup))]
}

// What a careful person would write around a verifier, and no more.
function byHand(check) {
  return (req, res, next) => {
    const field = req.headers.authorization
    if (field === undefined || !field.startsWith('Bearer ')) {
      refuse(res)
      return
    }
    try {
      const claims = check(field.slice(7))
      if (typeof claims.then === 'function') {
        claims.then(
          (known) => {
            req.auth = known
            next()
          },
          () => refuse(res),
        )
        return
      }
      req.auth = claims
    } catch {
      refuse(res)
      return
    }
    next()
  }
}

const refuse = (res) =>
  res.status(401).set('WWW-Authenticate', 'Bearer error="invalid_token"').end()
