import { audience, startAuthorizationServer, startForeignServer } from './authorization-server.mjs'
import { createCalls, routes } from './calls.mjs'
import { createExpressApi } from './express-api.mjs'
import { createJournal } from './journal.mjs'
import { createKoaApi } from './koa-api.mjs'
import { createPage } from './page.mjs'
import { listen, onPort } from './ports.mjs'
import { createTokens, kinds } from './tokens.mjs'

/** Brings everything up. `close` ends it; so does a failure on the way. */
export async function startDemo(say) {
  const running = []
  const close = async () => {
    await Promise.all(running.splice(0).map((one) => one.close()))
  }
  const up = async (starting) => {
    const one = await starting
    running.push(one)
    return one
  }
  try {
    return { ...(await start(up, say)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function start(up, say) {
  const trusted = await up(onPort('the authorization server', 4001, startAuthorizationServer, say))
  const foreign = await up(startForeignServer())
  const journal = createJournal(say)
  // Everything runs on one clock here, so that a token may die at the very second it says.
  const options = { issuer: trusted.issuer, audience, clockTolerance: 0 }
  const express = createExpressApi({ ...options, observe: journal.observer('Express') })
  const koa = createKoaApi({ ...options, observe: journal.observer('Koa') }).callback()
  const expressApi = await up(onPort('the Express API', 4002, (port) => listen(express, port), say))
  const koaApi = await up(onPort('the Koa API', 4003, (port) => listen(koa, port), say))
  const apis = [
    { name: 'Express', url: expressApi.url },
    { name: 'Koa', url: koaApi.url },
  ]
  const tokens = createTokens({ trusted, foreign })
  const setup = { issuer: trusted.issuer, audience, apis, routes, kinds: kinds.map(described) }
  const page = createPage({
    'GET /setup': () => setup,
    'POST /token': ({ kind }) => tokens.renew(kind),
    'POST /call': createCalls({ apis, tokens, journal }),
  })
  const { url } = await up(onPort('the page', 4000, (port) => listen(page, port), say))
  return { url, issuer: trusted.issuer, apis }
}

const described = ({ kind, label, text }) => ({ kind, label, text })
