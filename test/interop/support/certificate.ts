import { execFile } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A certificate of an authority that lives as long as the suite. */
export interface Certificate {
  /** PEM of the authority. */
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly certPath: string
  readonly keyPath: string
  /** What Chromium knows the certificate by. */
  readonly spki: string
  readonly close: () => Promise<void>
}

const run = promisify(execFile)
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-sha256']

/** Makes an authority, and a certificate for names. */
export async function makeCertificate(
  openssl: string,
  names: readonly string[],
): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-tls-'))
  const at = (name: string): string => join(folder, name)
  const subject = ['-subj', '/CN=Portcullis test authority']
  const authority = ['-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2', ...subject]
  await run(openssl, ['req', '-x509', ...newKey, ...authority])
  const asked = ['-keyout', at('key.pem'), '-out', at('request.pem'), '-subj', '/CN=test']
  await run(openssl, ['req', ...newKey, ...asked])
  const alternatives = names.map((name) => `DNS:${name}`).join(',')
  await writeFile(at('extensions'), `subjectAltName=${alternatives}\n`)
  const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2']
  const signed = ['-in', at('request.pem'), '-out', at('cert.pem'), '-extfile', at('extensions')]
  await run(openssl, ['x509', '-req', '-sha256', ...signer, ...signed])
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(at(name), 'utf8')),
  )
  const { publicKey } = new X509Certificate(cert ?? '')
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return {
    ca: ca ?? '',
    cert: cert ?? '',
    key: key ?? '',
    certPath: at('cert.pem'),
    keyPath: at('key.pem'),
    spki: createHash('sha256').update(der).digest('base64'),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
