import { formPost, jarm, type LoginOptions } from '@portcullis/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts } from '../support/login-apps.ts'
import { createStage, type Play, type Stage } from '../support/login-stage.ts'
import {
  createSecureBrowser,
  type PostedAnswer,
  type SecureBrowser,
} from '../support/secure-browser.ts'

const home = 'https://app.test'
const secret = 'a secret of at least 32 characters'
const types = ['id_token', 'code id_token', 'id_token token', 'code token', 'code id_token token']

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
  stage.server.addClient({
    client_id: 'front',
    client_secret: secret,
    grant_types: ['authorization_code', 'implicit'],
    response_types: ['code', ...types],
    redirect_uris: [`${home}/callback`],
  })
})
afterEach(() => stage.rest())
afterAll(() => stage.close())

const client = { id: 'front', secret }

interface Posting extends Play {
  readonly secure: SecureBrowser
  readonly posted: PostedAnswer
}

describe.each(loginHosts)('an answer that is posted, on $name:', ({ app }) => {
  /** Goes to the issuer, and back as far as its form. */
  const begin = async (options: Partial<LoginOptions>): Promise<Posting> => {
    const play = await stage.play(app, { options: { client, baseUrl: home, ...options } })
    const secure = createSecureBrowser(home, play.url)
    const posted = await secure.open(`${home}/account?tab=1`)
    if (!('form' in posted)) throw new Error(`no form was posted: ${posted.status} ${posted.html}`)
    expect(posted.action).toBe(`${home}/callback`)
    return { ...play, secure, posted }
  }

  /** Sends the form, and gives back the page that it leads to. */
  const arrival = async ({ secure, posted, refused }: Posting): Promise<unknown> => {
    const reply = await secure.send(posted.action, posted.form)
    expect(refused()).toEqual([])
    expect([reply.status, reply.location]).toEqual([303, `${home}/account?tab=1`])
    const shown = await secure.send(`${home}/account?tab=1`)
    return [shown.status, JSON.parse(shown.html)]
  }

  const page = [200, { claims: { sub: 'alice' } }]

  test('a code signs in', async () => {
    expect(await arrival(await begin({ responseMode: formPost }))).toMatchObject(page)
  })

  test('a signed answer signs in', async () => {
    expect(
      await arrival(await begin({ responseMode: jarm({ mode: 'form_post.jwt' }) })),
    ).toMatchObject(page)
  })

  test.each(['id_token', 'code id_token'] as const)('%s signs in', async (responseType) => {
    const posting = await begin({ responseType })
    expect(stage.asked[0]?.get('response_mode')).toBe('form_post')
    expect(posting.posted.form.has('access_token')).toBe(false)
    expect(await arrival(posting)).toMatchObject(page)
  })

  test.each(['id_token token', 'code token', 'code id_token token'] as const)(
    '%s signs in where the risk is taken',
    async (responseType) => {
      await expect(begin({ responseType })).rejects.toThrow('legacyAccessTokenInBrowser')
      expect(
        await arrival(await begin({ responseType, legacyAccessTokenInBrowser: true })),
      ).toMatchObject(page)
    },
  )

  test('the cookie of the attempt travels across sites, and only over TLS', async () => {
    const play = await stage.play(app, {
      options: { client, baseUrl: home, responseMode: formPost },
    })
    const { cookies } = await createSecureBrowser(home, play.url).send(`${home}/login`)
    const own = cookies.find((field) => field.includes('-login-'))
    expect(own).toMatch(
      /^__Secure-[\w-]+=[\w-]+; Path=\/callback; Max-Age=600; HttpOnly; Secure; SameSite=None$/,
    )
    const [mark, ...others] = cookies.filter((field) => field.startsWith('__Host-'))
    expect(mark).toMatch(
      /-attempt-[\w-]+=\d+; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=None$/,
    )
    expect(others).toEqual([])
  })

  test('the session cookie is for this host alone, over TLS, and for no script', async () => {
    const { secure, posted } = await begin({ responseMode: formPost })
    const { cookies } = await secure.send(posted.action, posted.form)
    const own = cookies.find((field) => field.startsWith('__Host-'))
    expect(own).toMatch(/; Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=Lax$/)
  })

  test('a form that is sent twice, or at once, ends where the first did', async () => {
    const { secure, posted, refused } = await begin({ responseMode: formPost })
    stage.server.requests.reset()
    const replies = await Promise.all([1, 2].map(() => secure.send(posted.action, posted.form)))
    replies.push(await secure.send(posted.action, posted.form))
    expect(replies.map(({ location }) => location)).toEqual(
      [1, 2, 3].map(() => `${home}/account?tab=1`),
    )
    expect([stage.server.requests.of('token'), refused()]).toEqual([1, []])
  })

  test('the same in the query is refused, and its tokens go nowhere', async () => {
    const { secure, posted, refused } = await begin({ responseType: 'code id_token' })
    stage.server.requests.reset()
    const reply = await secure.send(`${posted.action}?${posted.form.toString()}`)
    expect([reply.status, stage.server.requests.of('token')]).toEqual([400, 0])
    expect(reply.html).not.toContain(posted.form.get('code') ?? 'none')
    expect(refused().map(([code]) => code)).toEqual(['login_answer_invalid'])
  })

  test('a code that was put in beside another ID token is refused', async () => {
    const { secure, posted, refused } = await begin({ responseType: 'code id_token' })
    stage.server.requests.reset()
    posted.form.set('code', 'another')
    expect((await secure.send(posted.action, posted.form)).status).toBe(400)
    expect(refused()).toEqual([['id_token_refused', expect.stringContaining('c_hash')]])
    expect(stage.server.requests.of('token')).toBe(0)
  })

  test('an access token that was put in beside another ID token is refused', async () => {
    const { secure, posted, refused } = await begin({
      responseType: 'id_token token',
      legacyAccessTokenInBrowser: true,
    })
    posted.form.set('access_token', 'another')
    expect((await secure.send(posted.action, posted.form)).status).toBe(400)
    expect(refused()).toEqual([['id_token_refused', expect.stringContaining('at_hash')]])
  })

  test('more than was asked for is refused', async () => {
    const { secure, posted, refused } = await begin({ responseType: 'id_token' })
    posted.form.set('access_token', 'unasked')
    expect((await secure.send(posted.action, posted.form)).status).toBe(400)
    expect(refused().map(([code]) => code)).toEqual(['login_answer_invalid'])
  })

  test('somebody who says no is told so', async () => {
    stage.server.signIn.refuse()
    const { secure, posted, refused } = await begin({ responseType: 'code id_token' })
    expect((await secure.send(posted.action, posted.form)).status).toBe(400)
    expect(refused().map(([code]) => code)).toEqual(['login_denied'])
  })

  test('a form that is too large is refused before it is read', async () => {
    const { secure, posted, refused } = await begin({ responseMode: formPost })
    const form = new URLSearchParams({ state: 'x'.repeat(70_000) })
    expect((await secure.send(posted.action, form)).status).toBe(400)
    expect(refused().map(([code]) => code)).toEqual(['malformed_credential'])
  })

  test('over plain http it is refused when the application starts, and says why', async () => {
    await expect(stage.play(app, { options: { responseMode: formPost } })).rejects.toThrow(
      /form_post needs an https baseUrl: browsers send our cookie .* only where it is SameSite=None and Secure/,
    )
  })
})
