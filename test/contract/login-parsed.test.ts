import { backChannelLogout, formPost, memoryRevocations } from '@portcullis/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts } from '../support/login-apps.ts'
import { createStage, type Stage } from '../support/login-stage.ts'
import { createSecureBrowser } from '../support/secure-browser.ts'
import { script } from '../support/session-site.ts'

const home = 'https://app.test'
const secret = 'a secret of at least 32 characters'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
  stage.server.addClient({
    client_id: 'posted',
    client_secret: secret,
    redirect_uris: [`${home}/callback`],
  })
})
afterEach(() => stage.rest())
afterAll(() => stage.close())

// Fetch has no parsers.
const parsing = loginHosts.filter(({ name }) => name !== 'Fetch')

describe.each(parsing)('a login behind a parser of JSON alone, on $name,', ({ app }) => {
  test('takes the answer that the issuer has posted', async () => {
    const client = { id: 'posted', secret }
    const options = { client, baseUrl: home, responseMode: formPost }
    const play = await stage.play((site) => app({ ...site, json: true }), { options })
    const browser = createSecureBrowser(home, play.url)
    const posted = await browser.open(`${home}/account`)
    if (!('form' in posted)) throw new Error(`no form was posted: ${posted.status}`)
    const { status, location } = await browser.send(posted.action, posted.form)
    expect([status, location, play.refused()]).toEqual([303, `${home}/account`, []])
  })

  test('hears the issuer that ends a session', async () => {
    const play = await stage.play((site) => app({ ...site, json: true }), {
      options: (url) => {
        const id = `ended-${new URL(url).port}`
        stage.server.addClient({
          client_id: id,
          client_secret: secret,
          backchannel_logout_uri: `${url}/backchannel-logout`,
          backchannel_logout_session_required: true,
        })
        return {
          client: { id, secret },
          revocations: memoryRevocations(),
          doors: [backChannelLogout()],
        }
      },
    })
    const account = `${play.url}/account`
    await play.browser.open(account)
    expect((await play.browser.send(account, script)).status).toBe(200)
    await play.browser.open(`${stage.server.url}/logout`)
    await expect.poll(async () => (await play.browser.send(account, script)).status).toBe(401)
    expect(play.refused()).toEqual([])
  })

  test('leads from a logout to where its form says', async () => {
    const play = await stage.play((site) => app({ ...site, json: true }), {
      options: { logout: { issuer: false } },
    })
    await play.browser.open(`${play.url}/account`)
    const body = new URLSearchParams({ return_to: '/bye' })
    const { headers } = await play.browser.send(`${play.url}/logout`, { method: 'POST', body })
    expect(headers.get('location')).toBe(`${play.url}/bye`)
  })
})
