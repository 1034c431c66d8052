import { createGuard, createIssuer } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { apiIssuer, introspectionAdvice, okta } from './servers.ts'

describe('okta', () => {
  it('derives issuer and endpoints of the org server', () => {
    const server = okta({ domain: 'acme.okta.com' })
    expect(server.issuer).toBe('https://acme.okta.com')
    expect(server.isOrg).toBe(true)
    expect(server.endpoints.token).toBe('https://acme.okta.com/oauth2/v1/token')
    expect(server.endpoints.primaryAuthenticate).toBe(
      'https://acme.okta.com/oauth2/v1/primary-authenticate',
    )
    expect(server.endpoints.challenge).toBe('https://acme.okta.com/oauth2/v1/challenge')
  })

  it.each(['default', 'aus9o8wa8oTmMHGhR0h7'])('derives those of the custom server %s', (id) => {
    const server = okta({ domain: 'acme.okta.com', authorizationServer: id })
    expect(server.issuer).toBe(`https://acme.okta.com/oauth2/${id}`)
    expect(server.isOrg).toBe(false)
    expect(server.authorizationServer).toBe(id)
    expect(server.endpoints.token).toBe(`https://acme.okta.com/oauth2/${id}/v1/token`)
    expect(server.endpoints.backchannelAuthorize).toBe(
      `https://acme.okta.com/oauth2/${id}/v1/bc/authorize`,
    )
  })

  it.each([
    ['https://acme.okta.com', 'https://acme.okta.com'],
    ['https://acme.okta.com/', 'https://acme.okta.com'],
    ['ACME.okta.com', 'https://acme.okta.com'],
    ['login.acme.example', 'https://login.acme.example'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['dev-admin.example.com', 'https://dev-admin.example.com'],
  ])('takes %s', (domain, origin) => {
    expect(okta({ domain }).origin).toBe(origin)
  })

  it.each([
    ['https://acme.okta.com/api/v1/authorizationServers/aus1', "authorizationServer: 'aus1' })"],
    ['https://acme.okta.com/api/v1/authorizationServers', "okta({ domain: 'acme.okta.com' })"],
    ['acme-admin.okta.com', "Admin Console: use okta({ domain: 'acme.okta.com' })"],
    ['https://acme-admin.oktapreview.com/admin/dashboard', "'acme.oktapreview.com'"],
    ['acme-admin.okta.mil', "'acme.okta.mil'"],
    ['https://acme.okta.com/oauth2/default', "authorizationServer: 'default' })"],
    ['https://acme.okta.com/oauth2/v1/token', "use okta({ domain: 'acme.okta.com' })"],
    ['https://acme.okta.com/app/x', 'must be a domain alone'],
    ['http://acme.okta.com', 'must be reached by https:'],
    ['ftp://acme.okta.com', 'must be reached by https:'],
    ['https://me:secret@acme.okta.com', 'must hold no user name'],
    ['{yourOktaDomain}', 'is a placeholder'],
    ['https://${yourOktaDomain}/oauth2/default', 'is a placeholder'],
    ['', 'must be the domain of an org'],
    ['acme okta', 'must be the domain of an org'],
  ])('refuses %s and says what was meant', (domain, text) => {
    expect(() => okta({ domain })).toThrow(text)
    expect(() => okta({ domain })).toThrow(expect.objectContaining({ name: 'ConfigurationError' }))
  })

  it.each([
    ['v1', "leave it out for the org's own server"],
    ['', 'leave it out'],
    ['api://default', "the server that has api://default is 'default'"],
    ['https://acme.okta.com/oauth2/aus2', "authorizationServer: 'aus2'"],
    ['https://acme.okta.com/api/v1/authorizationServers/aus3', "authorizationServer: 'aus3'"],
    ['a b', 'must be'],
    ['../x', 'must be'],
  ])('refuses the server %s', (authorizationServer, text) => {
    expect(() => okta({ domain: 'acme.okta.com', authorizationServer })).toThrow(text)
  })

  it('names an option that is written wrongly', () => {
    const options = { domain: 'acme.okta.com', authorisationServer: 'default' }
    expect(() => okta(options)).toThrow('did you mean authorizationServer?')
  })

  it('never repeats credentials of an address', () => {
    expect(() => okta({ domain: 'https://me:secret@acme.okta.com' })).not.toThrow('secret')
  })
})

describe('an org server', () => {
  const org = okta({ domain: 'login.acme.example' })

  it('is no issuer for an API, under a custom domain neither, and the text says what is', () => {
    expect(() => apiIssuer(org)).toThrow('https://login.acme.example/oauth2/v1/introspect')
    expect(() => apiIssuer(org)).toThrow("authorizationServer: 'default'")
  })

  it('is refused by the guard itself under a domain of Okta', () => {
    const { issuer } = okta({ domain: 'acme.okta.com' })
    expect(() => createGuard({ issuer, audience: issuer })).toThrow('org authorization server')
  })

  it('is an issuer for clients', () => {
    expect(createIssuer({ issuer: org.issuer }).url).toBe('https://login.acme.example')
  })
})

it('a custom server is an issuer for an API', () => {
  const server = okta({ domain: 'acme.okta.com', authorizationServer: 'default' })
  expect(introspectionAdvice(server)).toBeUndefined()
  expect(createGuard({ issuer: apiIssuer(server), audience: 'api://default' })).toBeDefined()
})
