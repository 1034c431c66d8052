import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts } from '../support/login-apps.ts'
import { answerTo, createStage, type Stage } from '../support/login-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterEach(() => stage.rest())
afterAll(() => stage.close())

const cart = 'cart=; Path=/; Max-Age=0'

describe.each(loginHosts)('what onSignIn adds to the response, on $name,', ({ app }) => {
  test('is sent beside the cookie of the session', async () => {
    const play = await stage.play(app, {
      options: {
        onSignIn: ({ request }) => request.response?.append([['Set-Cookie', cart]]),
      },
    })
    const { headers } = await play.browser.send(await answerTo(play))
    expect(headers.getSetCookie()).toContain(cart)
    expect(headers.getSetCookie()).toContainEqual(expect.stringMatching(/^portcullis-[\w-]{8}=./))
  })
})
