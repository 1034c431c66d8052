import { expect, test } from 'vitest'
import { noted } from './noted.ts'
import type { HttpRequest } from './request.ts'

const certificate = Uint8Array.of(1)
const response = { sent: false, append: () => undefined }

/** Whose members need it as `this`. */
class Posted implements HttpRequest {
  readonly method = 'POST'
  readonly response = response
  readonly #fields = new Map([['accept', '*/*']])
  url = 'https://app.test/form'
  header(name: string) {
    return this.#fields.get(name)
  }
  form() {
    return Promise.resolve(new URLSearchParams({ of: this.url }))
  }
  json() {
    return Promise.resolve({ of: this.url })
  }
  certificate() {
    return this.#fields.size === 1 ? certificate : undefined
  }
}

test('a noted request has everything that the request has', async () => {
  const copy = noted(new Posted())
  expect([copy.method, copy.url, copy.header('accept')]).toEqual([
    'POST',
    'https://app.test/form',
    '*/*',
  ])
  expect([await copy.form(), await copy.json?.()].map(String)).toEqual([
    'of=https%3A%2F%2Fapp.test%2Fform',
    '[object Object]',
  ])
  expect(copy.certificate?.()).toBe(certificate)
  expect(copy.response).toBe(response)
})

test('it keeps its address where the host forgets it, and can be read by another method', () => {
  const request = new Posted()
  const copy = noted(request, 'GET')
  request.url = ''
  expect([copy.method, copy.url]).toEqual(['GET', 'https://app.test/form'])
})
