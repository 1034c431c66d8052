import { FrameError } from './frame-error.ts'
import { frameTypes, readValues, valuesFrame, type Frame, type Values } from './frame.ts'

/** What was agreed with HAProxy. */
export interface Agreement {
  /** Bytes of a frame without its length. */
  readonly maxFrameSize: number
  /** HAProxy only wants to know whether somebody is here. */
  readonly isHealthCheck: boolean
  /** The frame to answer with. */
  readonly reply: Buffer
}

/** Frames are never longer, whatever HAProxy offers. HAProxy's own default is 16380. */
export const largestFrame = 65_536

const smallestFrame = 256

/** Reads HAPROXY-HELLO and agrees, or throws. */
export function greet({ type, content }: Frame): Agreement {
  if (type !== frameTypes.haproxyHello) throw new FrameError('invalid', 'no HELLO')
  const values = readValues(content)
  if (!listIn(values, 'supported-versions', 'versionMissing').includes('2.0')) {
    throw new FrameError('versionUnsupported', 'no version 2.0')
  }
  const offered = values.get('max-frame-size')
  if (typeof offered !== 'number') throw new FrameError('sizeMissing', 'no max-frame-size')
  if (offered < smallestFrame) throw new FrameError('sizeUnfit', 'a max-frame-size too small')
  const capabilities = listIn(values, 'capabilities', 'capabilitiesMissing')
  const maxFrameSize = Math.min(offered, largestFrame)
  return {
    maxFrameSize,
    isHealthCheck: values.get('healthcheck') === true,
    reply: valuesFrame(frameTypes.agentHello, [
      ['version', '2.0'],
      ['max-frame-size', maxFrameSize],
      ['capabilities', capabilities.includes('pipelining') ? 'pipelining' : ''],
    ]),
  }
}

type Missing = 'versionMissing' | 'capabilitiesMissing'

function listIn(values: Values, name: string, reason: Missing): readonly string[] {
  const value = values.get(name)
  if (typeof value !== 'string') throw new FrameError(reason, `no ${name}`)
  return value.split(',').map((item) => item.trim())
}
