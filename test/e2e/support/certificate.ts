import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'

/** One element of DER (ITU-T X.690 §8.1). */
const der = (tag: number, ...contents: readonly (Uint8Array | string)[]): Buffer => {
  const body = Buffer.concat(contents.map((content) => Buffer.from(content)))
  const { length } = body
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

const [sequence, integer, objectId, utf8, utcTime, bits] = [0x30, 0x02, 0x06, 0x0c, 0x17, 0x03]
const ecdsaWithSha256 = der(sequence, der(objectId, Buffer.from('2a8648ce3d040302', 'hex')))
const commonName = der(objectId, Buffer.from('550403', 'hex'))

export interface SelfSigned {
  /** DER. */
  readonly raw: Buffer
  /** PEM. */
  readonly cert: string
  /** PEM, private. */
  readonly key: string
}

/** A self-signed certificate (RFC 5280 §4.1) of a name, made here so that a test needs no program. */
export function selfSigned(name: string, serial: number): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = der(sequence, der(0x31, der(sequence, commonName, der(utf8, name))))
  const signed = der(
    sequence,
    der(0xa0, der(integer, Buffer.from([2]))),
    der(integer, Buffer.from([serial])),
    ecdsaWithSha256,
    subject,
    der(sequence, der(utcTime, '200101000000Z'), der(utcTime, '491231235959Z')),
    subject,
    publicKey.export({ format: 'der', type: 'spki' }),
  )
  const signature = der(bits, Buffer.from([0]), sign('sha256', signed, privateKey))
  const { raw } = new X509Certificate(der(sequence, signed, ecdsaWithSha256, signature))
  return {
    raw,
    cert: `-----BEGIN CERTIFICATE-----\n${raw.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}
