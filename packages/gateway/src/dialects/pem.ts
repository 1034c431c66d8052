const pemBody = /^-----BEGIN CERTIFICATE-----([A-Za-z\d+/=\s]+)-----END CERTIFICATE-----/

/** The first certificate of some PEM text as DER; nothing where there is none. */
export function derOf(pem: string): Uint8Array | undefined {
  const body = pemBody.exec(pem.trim())?.[1]
  return body === undefined ? undefined : Buffer.from(body, 'base64')
}
