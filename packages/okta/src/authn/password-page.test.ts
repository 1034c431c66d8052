import { Outage } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { createAuthn } from './create.ts'

const org = 'https://acme.okta.com'
const page = 'https://passwords.acme.example/change?from=okta'
const cancel = { href: `${org}/api/v1/authn/cancel`, hints: { allow: ['POST'] } }

/** An org whose user is told to change the password, behind the link `next`. */
function orgWith(next: object, status = 'PASSWORD_EXPIRED') {
  const asked: string[] = []
  const answer = { stateToken: '00state', status, _links: { next, skip: cancel, cancel } }
  const authn = createAuthn({
    domain: org,
    limiter: 'none',
    secrets: ['0123456789abcdef0123456789abcdef'],
    fetch: async (url) => {
      asked.push(String(url instanceof Request ? url.url : url))
      return Response.json(answer)
    },
  })
  return { asked, authn, signIn: () => authn.signIn({ username: 'ada', password: 'p' }) }
}

const elsewhere = { name: 'changePassword', title: 'Acme Passwords', href: page }
const forBrowsers = { ...elsewhere, hints: { allow: ['GET'] } }

describe('a password that another application keeps', () => {
  it.each(['PASSWORD_EXPIRED', 'PASSWORD_WARN'] as const)('at %s is a page', async (status) => {
    const { asked, authn, signIn } = orgWith(forBrowsers, status)
    const step = await signIn()
    if (step.status !== status) throw new Error(step.status)
    expect(step.passwordPage).toEqual({ url: page, title: 'Acme Passwords' })
    const changed = await step.changePassword({ oldPassword: 'p', newPassword: 'q' })
    expect(changed).toMatchObject({ code: 'not_permitted', retry: 'never' })
    expect(asked).toEqual([`${org}/api/v1/authn`])
    expect(authn.openStep(authn.sealStep(step))).toMatchObject({ passwordPage: { url: page } })
  })

  it('is left by the ways that there are', async () => {
    const { asked, signIn } = orgWith(forBrowsers, 'PASSWORD_WARN')
    const step = await signIn()
    if (step.status !== 'PASSWORD_WARN') throw new Error(step.status)
    await step.skip?.()
    expect(asked[1]).toBe(cancel.href)
  })

  it.each([
    ['something to call', { ...elsewhere, hints: { allow: ['POST'] } }],
    ['both', { ...elsewhere, hints: { allow: ['GET', 'POST'] } }],
    ['a script', { ...forBrowsers, href: 'javascript:alert(1)' }],
    ['an address with a password', { ...forBrowsers, href: 'https://a:b@acme.example/' }],
  ])('is not taken from %s', async (_what, next) => {
    await expect(orgWith(next).signIn()).rejects.toThrow(Outage)
  })

  it('is a page nowhere else', async () => {
    await expect(orgWith(forBrowsers, 'PASSWORD_RESET').signIn()).rejects.toThrow(Outage)
  })

  it('has no page where Okta keeps it', async () => {
    const next = { href: `${org}/api/v1/authn/credentials/change_password` }
    const step = await orgWith(next).signIn()
    expect(step).toMatchObject({ status: 'PASSWORD_EXPIRED', passwordPage: undefined })
  })
})
