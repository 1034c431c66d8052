import {
  audience,
  startAuthorizationServer,
  startForeignServer,
  webClients,
} from './authorization-server.mjs'
import { createCalls, routes } from './calls.mjs'
import { createExpressApi } from './express-api.mjs'
import { createExpressWeb } from './express-web.mjs'
import { createJournal } from './journal.mjs'
import { startFlows } from './flows/create.mjs'
import { createKoaApi } from './koa-api.mjs'
import { createKoaWeb } from './koa-web.mjs'
import { createPage, isForUs } from './page.mjs'
import { listen, listenAs, onPort } from './ports.mjs'
import { createTokens, kinds } from './tokens.mjs'

/**
 * Brings everything up. `close` ends it; so does a failure on the way. `lifetime` is that of the access
 * tokens of the web applications, in seconds. Of the Okta emulator, `pollInterval` is what it asks of those
 * who poll, in seconds, and `onExchange` sees its wire, unmasked.
 */
export async function startDemo(say, options) {
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
    return { ...(await start(up, say, options)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function start(up, say, { lifetime, onExchange, pollInterval }) {
  const server = (port) => startAuthorizationServer(port, lifetime)
  const trusted = await up(onPort('the authorization server', 4001, server, say))
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
  const webs = await startWebs(up, say, { issuer: trusted.issuer, apis })
  const tokens = createTokens({ trusted, foreign })
  const kindsShown = kinds.map(described)
  const setup = { issuer: trusted.issuer, audience, apis, webs, routes, kinds: kindsShown }
  const flows = await up(startFlows(up, say, { onExchange, pollInterval }))
  const own = createPage({
    ...flows.actions,
    'GET /setup': () => setup,
    'POST /token': ({ kind }) => tokens.renew(kind),
    'POST /call': createCalls({ apis, tokens, journal }),
  })
  const page = (baseUrl) => withEntrance(own, flows.entrance(baseUrl))
  const { url } = await up(onPort('the page', 4000, (port) => listenAs(page, port), say))
  return { url, issuer: trusted.issuer, apis, webs, okta: flows.url }
}

const withEntrance = (page, entrance) => (request, response) =>
  request.url.startsWith('/flows/code/') && isForUs(request)
    ? entrance(request, response)
    : page(request, response)

async function startWebs(up, say, { issuer, apis }) {
  const raise = async (name, port, client, create) => {
    const app = (baseUrl) => create({ name: `${name} web`, issuer, client, baseUrl, apis, say })
    const { url } = await up(onPort(`the ${name} web app`, port, (at) => listenAs(app, at), say))
    return { name, url }
  }
  return [
    await raise('Express', 4004, webClients.express, createExpressWeb),
    await raise('Koa', 4005, webClients.koa, (options) => createKoaWeb(options).callback()),
  ]
}

const described = ({ kind, label, text }) => ({ kind, label, text })
