import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Breakage } from './lies.ts'

const names: readonly string[] = [
  'error-500',
  'hang',
  'html',
  'huge',
  'redirect',
  'slow',
  'garbage',
  'array',
  'reset',
] satisfies readonly Breakage[]

export const isBreakage = (lie: string | undefined): lie is Breakage =>
  lie !== undefined && names.includes(lie)

const type = (name: string): Readonly<Record<string, string>> => ({ 'content-type': name })

/** Answers in a way that no client can use. What hangs ends with the server. */
export async function breakDown(response: ServerResponse, how: Breakage): Promise<void> {
  switch (how) {
    case 'error-500': {
      response.writeHead(500, type('application/json')).end('{"error":"server_error"}')
      return
    }
    case 'html': {
      response.writeHead(200, type('text/html')).end('<!doctype html><h1>Maintenance</h1>')
      return
    }
    case 'redirect': {
      response.writeHead(307, { location: '/elsewhere' }).end()
      return
    }
    case 'garbage': {
      response.writeHead(200, type('application/json')).end('{"access_token":')
      return
    }
    case 'array': {
      response.writeHead(200, type('application/json')).end('[]')
      return
    }
    case 'reset': {
      response.socket?.resetAndDestroy()
      return
    }
    case 'huge':
    case 'slow': {
      await trickle(response, how)
      return
    }
    case 'hang': {
      return
    }
  }
}

// 16 MB at once, or a few bytes every now and then for at most a minute: whoever waits gives up before.
async function trickle(response: ServerResponse, how: 'huge' | 'slow'): Promise<void> {
  const [times, size, wait] = how === 'huge' ? [256, 64 * 1024, 0] : [600, 4, 100]
  response.writeHead(200, type('application/json')).write('{"access_token":"')
  for (let sent = 0; sent < times && !response.destroyed; sent++) {
    response.write('a'.repeat(size))
    await pause(wait, undefined, { ref: false })
  }
  response.end('"}')
}
