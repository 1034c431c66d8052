import type { Socket } from 'node:net'
import type { Reply } from '@portcullis/core'
import { readPlainRequest } from './plain-request.ts'
import { questionOf } from './question.ts'
import { keptSeconds, replyText, unsendable } from './reply-text.ts'
import type { Endable } from './drain.ts'
import type { Send, Serve } from './serve.ts'

/** What a lane takes from the server that it belongs to. */
export interface LaneOptions {
  readonly serve: Serve
  /** Takes over a connection, of which nothing has been read as far as it can see. */
  readonly handOver: (socket: Socket) => void
  /** Milliseconds that a new connection may be silent. */
  readonly silence: number
}

/** The connections on which nothing but plain requests has come. */
export interface Lane extends Endable {
  readonly connected: (socket: Socket) => void
}

/**
 * Answers plain requests without `node:http`, which takes as long as a whole check
 * (docs/decisions/029). The first that is anything else goes to `node:http`, and its connection with it
 * for good.
 */
export function createLane(options: LaneOptions): Lane {
  /** Whether a connection waits for its answer. */
  const connections = new Map<Socket, () => boolean>()
  return {
    connected: (socket) => {
      const left = (): void => void connections.delete(socket)
      connections.set(socket, answerOn(socket, options, left))
    },
    closeIdle: () => {
      for (const [socket, isWaiting] of connections) if (!isWaiting()) socket.destroy()
    },
    closeAll: () => {
      for (const socket of connections.keys()) socket.destroy()
    },
  }
}

function answerOn(
  socket: Socket,
  { serve, handOver, silence }: LaneOptions,
  left: () => void,
): () => boolean {
  let isWaiting = false
  let isNew = true

  const send: Send = (reply, isLast) => {
    isWaiting = false
    if (isNew) socket.setTimeout(keptSeconds * 1000)
    isNew = false
    const problem = write(socket, reply, isLast)
    if (socket.isPaused() && !socket.writableNeedDrain) socket.resume()
    return problem
  }
  const hear = (chunk: Buffer): void => {
    const request = readPlainRequest(chunk.toString('latin1'))
    if (request === undefined) return leave(chunk)
    isWaiting = true
    serve(questionOf(request), send)
    // The next is read when this one is answered, and its answer on the way.
    if (isWaiting || socket.writableNeedDrain) socket.pause()
  }
  const flow = (): void => void socket.resume()
  const end = (): void => void socket.end()
  const drop = (): void => void socket.destroy()

  const leave = (chunk: Buffer): void => {
    left()
    socket.setTimeout(0, drop)
    socket
      .off('data', hear)
      .off('drain', flow)
      .off('end', end)
      .off('error', drop)
      .off('close', left)
    socket.unshift(chunk)
    handOver(socket)
  }

  socket.on('data', hear).on('drain', flow).on('end', end).on('error', drop).on('close', left)
  socket.setTimeout(silence, drop)
  return () => isWaiting
}

function write(socket: Socket, reply: Reply, isLast: boolean): unknown {
  let text: string
  let problem: unknown
  try {
    text = replyText(reply, isLast)
  } catch (error) {
    text = replyText(unsendable, isLast)
    problem = error
  }
  socket.write(text, 'latin1')
  if (isLast) socket.destroySoon()
  return problem
}
