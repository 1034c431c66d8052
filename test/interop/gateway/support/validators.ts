import { createPublicKey } from 'node:crypto'
import type { TokenIssuer } from '@portcullis/testkit'
import { startProgram, type Program } from './programs.ts'

/** A gateway that validates tokens by itself. */
export interface ValidatorPlace {
  readonly binary: string
  readonly port: number
  readonly upstream: number
  readonly issuer: TokenIssuer
}

const pemOf = ({ jwks }: TokenIssuer): string => {
  const [key = {}] = jwks.keys
  return createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString()
}

/** HAProxy with its converters for JWTs, and every condition that they can express. */
export const startHaproxyAlone = ({
  binary,
  port,
  upstream,
  issuer,
}: ValidatorPlace): Promise<Program> =>
  startProgram({
    binary,
    port,
    args: () => ['-db', '-f', 'haproxy.cfg'],
    files: {
      'key.pem': pemOf(issuer),
      'haproxy.cfg': `
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
frontend alone
  bind 127.0.0.1:${port}
  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')
  http-request set-var(txn.iss) var(txn.token),jwt_payload_query('$.iss')
  http-request set-var(txn.aud) var(txn.token),jwt_payload_query('$.aud')
  http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')
  http-request set-var(txn.nbf) var(txn.token),jwt_payload_query('$.nbf','int')
  http-request set-var(txn.scope) var(txn.token),jwt_payload_query('$.scope')
  http-request set-var(txn.now) date()
  acl single req.fhdr_cnt(authorization) eq 1
  acl rs256 var(txn.alg) -m str RS256
  acl signed var(txn.token),jwt_verify(txn.alg,"{folder}/key.pem") eq 1
  acl from_issuer var(txn.iss) -m str ${issuer.issuer}
  acl for_us var(txn.aud) -m str ${issuer.audience}
  acl alive var(txn.exp),sub(txn.now) -m int gt 0
  acl too_early var(txn.nbf),sub(txn.now) -m int gt 5
  acl may_read var(txn.scope) -m reg (^|\\ )orders:read($|\\ )
  http-request return status 401 hdr WWW-Authenticate Bearer if !single or !rs256 or !signed or !from_issuer or !for_us or !alive or too_early
  http-request return status 403 hdr WWW-Authenticate Bearer if !may_read
  default_backend app
backend app
  server app 127.0.0.1:${upstream}
`,
    },
  })

/** Apache with mod_auth_openidc as a resource server. */
export const startApache = ({ binary, port, upstream, issuer }: ValidatorPlace): Promise<Program> =>
  startProgram({
    binary,
    port,
    args: (folder) => ['-d', folder, '-f', `${folder}/httpd.conf`, '-DFOREGROUND'],
    files: {
      'key.pem': pemOf(issuer),
      'httpd.conf': `
ServerRoot {folder}
PidFile {folder}/httpd.pid
ServerName api.test
Listen 127.0.0.1:${port}
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
${['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'auth_openidc', 'proxy', 'proxy_http']
  .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
  .join('\n')}
ErrorLog {folder}/error.log
OIDCCryptoPassphrase only-for-this-test
OIDCOAuthVerifyCertFiles ${issuer.kid}#{folder}/key.pem
OIDCOAuthRemoteUserClaim sub
<Location />
  AuthType oauth20
  <RequireAll>
    Require claim iss:${issuer.issuer}
    Require claim aud:${issuer.audience}
    Require claim "scope~(^| )orders:read( |$)"
  </RequireAll>
  ProxyPass http://127.0.0.1:${upstream}/
</Location>
`,
    },
  })
