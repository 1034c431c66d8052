import type { Socket } from 'node:net'
import type { Listener } from '../../listen/http.ts'
import { createAsk, type AskOptions } from '../ask.ts'
import { listenForConnections, type ConnectionOptions } from '../connections.ts'
import { converse, type Conversation } from './agent.ts'
import { readMessage } from './read.ts'

/** A listener for HAProxy's SPOE. */
export interface SpoeListenerOptions extends AskOptions, ConnectionOptions {}

/** Listens for HAProxy. */
export function listenSpoe(options: SpoeListenerOptions): Promise<Listener> {
  const ask = createAsk(readMessage, options)
  const open = new Map<Socket, Conversation>()
  return listenForConnections(options, {
    connected: (socket) => {
      open.set(socket, converse(socket, ask))
      socket.once('close', () => open.delete(socket))
    },
    close: (graceMs) => finishAll(open, graceMs),
  })
}

async function finishAll(open: ReadonlyMap<Socket, Conversation>, graceMs: number): Promise<void> {
  const closed = [...open.keys()].map(
    (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
  )
  for (const conversation of open.values()) conversation.finish()
  const force = setTimeout(() => {
    for (const socket of open.keys()) socket.destroy()
  }, graceMs)
  await Promise.all(closed)
  clearTimeout(force)
}
