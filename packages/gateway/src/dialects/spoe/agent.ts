import type { Socket } from 'node:net'
import type { Answer } from '../../check/answer.ts'
import type { Ask } from '../ask.ts'
import { answerToError } from '../../listen/ask.ts'
import { disconnectCodes, FrameError, type DisconnectReason } from './frame-error.ts'
import {
  ackFrame,
  frameTypes,
  readFrame,
  readMessages,
  valuesFrame,
  type Frame,
  type Message,
} from './frame.ts'
import { greet, largestFrame, type Agreement } from './hello.ts'
import { createSplitter } from './splitter.ts'
import { unavailable, writeVariables } from './write.ts'

/** One connection of HAProxy's. */
export interface Conversation {
  /** Answers what is on the way, then says goodbye. */
  finish(): void
}

/** Milliseconds within which HAProxy says HELLO. */
const usualPatience = 5000

// Questions of one connection on the way at once; beyond it the connection is not read.
const pendingAtMost = 1024

/** Speaks SPOP 2.0 over a connection. */
export function converse(
  socket: Socket,
  ask: Ask<readonly Message[]>,
  patience: number = usualPatience,
): Conversation {
  let agreement: Agreement | undefined
  let pending = 0
  let isEnding = false

  const leave = (reason: DisconnectReason, message: string): void => {
    if (socket.writable) {
      socket.end(
        valuesFrame(frameTypes.agentDisconnect, [
          ['status-code', disconnectCodes[reason]],
          ['message', message],
        ]),
      )
    }
  }

  const regulate = (): void => {
    if (pending >= pendingAtMost || socket.writableNeedDrain) socket.pause()
    else if (socket.isPaused()) socket.resume()
  }

  const send = (frame: Frame, found: Answer, maxFrameSize: number): Answer => {
    const ack = ackFrame(frame, writeVariables(found))
    const isTooLong = ack.length - 4 > maxFrameSize
    if (socket.writable) socket.write(isTooLong ? ackFrame(frame, unavailable(1)) : ack)
    return isTooLong ? answerToError(new Error('the answer is longer than a frame')) : found
  }

  const answer = (frame: Frame, { maxFrameSize }: Agreement): void => {
    pending++
    ask(readMessages(frame.content), (found) => {
      pending--
      const sent = send(frame, found, maxFrameSize)
      if (isEnding && pending === 0) leave('normal', 'closing')
      else regulate()
      return sent
    })
    if (pending >= pendingAtMost) socket.pause()
  }

  const take = (bytes: Buffer): void => {
    // After DISCONNECT nothing is answered any more.
    if (!socket.writable) return
    const frame = readFrame(bytes)
    if (agreement === undefined) {
      agreement = greet(frame)
      clearTimeout(late)
      if (agreement.isHealthCheck) socket.end(agreement.reply)
      else socket.write(agreement.reply)
    } else if (frame.type === frameTypes.notify) answer(frame, agreement)
    else if (frame.type === frameTypes.haproxyDisconnect) leave('normal', 'bye')
    else throw new FrameError('invalid', 'a frame of an unexpected type')
  }

  const split = createSplitter(() => agreement?.maxFrameSize ?? largestFrame, take)
  // Not a timeout of the socket, which every byte would put off.
  const late = setTimeout(() => socket.destroy(), patience)
  socket.once('close', () => clearTimeout(late))
  socket.on('error', () => socket.destroy())
  socket.on('drain', regulate)
  socket.on('data', (chunk: Buffer) => {
    socket.cork()
    try {
      split(chunk)
    } catch (error) {
      if (error instanceof FrameError) leave(error.reason, error.message)
      else leave('unknown', 'failed')
    } finally {
      socket.uncork()
    }
  })
  return {
    finish: () => {
      isEnding = true
      if (pending === 0) leave('normal', 'closing')
    },
  }
}
