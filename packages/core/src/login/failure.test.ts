import { describe, expect, test } from 'vitest'
import { createDesk, fieldOf, visit } from '../../../../test/support/login-unit.ts'

const denied = visit('/callback?error=access_denied&state=00.x')

describe('a page of the application for a login that failed', () => {
  test('is shown in the place of ours, and gives away no address', async () => {
    const { ask } = createDesk({
      onError: (error, request) => ({
        status: 418,
        headers: [['X-Own', 'yes']],
        body: `${(error as { code: string }).code} ${request.method}`,
      }),
    })
    const reply = await ask(denied)
    expect([reply?.status, reply?.body]).toEqual([418, 'login_unknown GET'])
    expect(fieldOf(reply, 'x-own')).toEqual(['yes'])
    expect(fieldOf(reply, 'referrer-policy')).toEqual(['no-referrer'])
    expect(fieldOf(reply, 'cache-control')).toEqual(['no-store'])
  })

  test('may wait, and may leave it to ours', async () => {
    const { ask } = createDesk({ onError: () => Promise.resolve(undefined) })
    const reply = await ask(denied)
    expect(reply?.status).toBe(400)
    expect(reply?.body).toContain('belongs to no login that this browser has begun')
  })

  test('may hand the error on to the host', async () => {
    const { ask, events } = createDesk({
      onError: (error) => {
        throw error
      },
    })
    await expect(ask(denied)).rejects.toMatchObject({ code: 'login_unknown' })
    expect(events).toHaveLength(1)
  })

  test('is asked about bugs too, which otherwise go on to the host', async () => {
    const bug = new Error('a bug')
    const delivery = (): Promise<never> => Promise.reject(bug)
    await expect(createDesk({ delivery }).ask(visit('/login'))).rejects.toBe(bug)
    const onError = (error: unknown) => ({ status: 500, headers: [], body: String(error) })
    const reply = await createDesk({ delivery, onError }).ask(visit('/login'))
    expect([reply?.status, reply?.body]).toEqual([500, 'Error: a bug'])
  })
})

describe('our page', () => {
  test('leads back to the login', async () => {
    const { body } = (await createDesk({ baseUrl: 'https://app.test/a' }).ask(
      visit('/a/callback?error=x&state=00.x'),
    )) ?? { body: '' }
    expect(body).toContain('<a href="https://app.test/a/login">')
  })

  test('of a logout that was refused leads back to the application', async () => {
    const headers = { origin: 'https://evil.test' }
    const { ask } = createDesk({ baseUrl: 'https://app.test/a' })
    const reply = await ask(visit('/a/logout', { method: 'POST', headers }))
    expect(reply?.status).toBe(403)
    expect(reply?.body).toContain('<a href="https://app.test/a/">')
  })

  test('does not depend on an observer that fails', async () => {
    const observe = (): never => {
      throw new Error('the log is full')
    }
    expect((await createDesk({ observe }).ask(denied))?.status).toBe(400)
  })
})
