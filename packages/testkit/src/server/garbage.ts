import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

/** What a broken server, or a proxy in front of it, is known to answer. */
export type Garbage =
  | 'html'
  | 'wrong-json'
  | 'broken-json'
  | 'empty'
  | 'truncated'
  | 'huge'
  | 'gzip-bomb'

const json = { 'Content-Type': 'application/json' }
const page = '<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>'

let bomb: Buffer | undefined

const answers: Readonly<Record<Garbage, (response: ServerResponse) => void>> = {
  html: (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(page),
  'wrong-json': (response) => response.writeHead(200, json).end('["not", "what", "you", "wanted"]'),
  'broken-json': (response) => response.writeHead(200, json).end('{"issuer": "https:'),
  empty: (response) => response.writeHead(200, json).end(),
  truncated: (response) => {
    response.writeHead(200, { ...json, 'Content-Length': '5000' })
    response.write('{"keys": [', () => response.destroy())
  },
  huge: (response) => response.writeHead(200, json).end(`{"keys": [], "x": "${'x'.repeat(8e6)}"}`),
  'gzip-bomb': (response) =>
    response
      .writeHead(200, { ...json, 'Content-Encoding': 'gzip' })
      .end((bomb ??= gzipSync(Buffer.alloc(64e6, ' '), { level: 1 }))),
}

export const answerGarbage = (response: ServerResponse, as: Garbage): void => answers[as](response)
