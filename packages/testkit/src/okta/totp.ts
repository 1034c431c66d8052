import { createHmac } from 'node:crypto'

const step = 30

/** RFC 6238 with the usual settings: 6 digits, 30 seconds, SHA-1. */
export function totp(secret: Uint8Array, now: number, steps = 0): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(counterAt(now) + steps))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0')
}

/** Which step a code belongs to: the present one, or its neighbours, because clocks differ. */
export function stepOf(secret: Uint8Array, now: number, code: string): number | undefined {
  const drift = [0, -1, 1].find((steps) => totp(secret, now, steps) === code)
  return drift === undefined ? undefined : counterAt(now) + drift
}

const counterAt = (now: number): number => Math.floor(now / 1000 / step)
