import { isLoopback, type Algorithm } from '@portcullis/core'
import type { IntrospectionClientConfig, IntrospectionConfig, IssuerConfig } from './config.ts'
import { count, flag, oneOf, seconds } from './leaves.ts'
import { either, list, may, need, object, type Path, type Shape, type Tell } from './shape.ts'
import * as texts from './texts.ts'

const algorithm: Shape<Algorithm> = oneOf(
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
)

const client: Shape<IntrospectionClientConfig> = object<IntrospectionClientConfig>(
  {
    id: need(texts.anyText, 'The gateway’s client id at the issuer.'),
    secret: may(texts.anyText, 'Its secret. Exactly one of `secret` and `privateKey`.'),
    method: may(
      oneOf('client_secret_basic', 'client_secret_post', 'private_key_jwt'),
      'How it proves itself. Default `client_secret_basic`, or `private_key_jwt` with a key.',
    ),
    privateKey: may(texts.privateKey, 'Its private key: PKCS #8 PEM or JWK.'),
  },
  ({ secret, privateKey, method }, tell, path) => {
    if ((secret === undefined) === (privateKey === undefined)) {
      tell({ path, message: 'must have exactly one of secret and privateKey' })
      return
    }
    const isKeyed = method === undefined || method === 'private_key_jwt'
    const isSecret = method === undefined || method !== 'private_key_jwt'
    if (secret === undefined ? isKeyed : isSecret) return
    tell({
      path: [...path, 'method'],
      message: `does not go with ${secret ? 'secret' : 'privateKey'}`,
    })
  },
)

const introspection: Shape<IntrospectionConfig> = object<IntrospectionConfig>({
  use: may(
    oneOf('opaque', 'always', 'also'),
    '`opaque`: asks about tokens that are no JWT; `always`: about every token; `also`: about a JWT once its signature holds. Default `opaque`.',
  ),
  endpoint: may(texts.webUrl, 'Where to ask. Default: what the issuer’s metadata say.'),
  client: need(client, 'How the gateway proves itself there.'),
  signed: may(flag, 'Demands signed answers (RFC 9701). Default false.'),
  cache: may(
    object<NonNullable<IntrospectionConfig['cache']>>({
      ttl: may(
        seconds({ above: 0 }),
        'Seconds that a good token is believed, never beyond its `exp`. Default 30.',
      ),
      negativeTtl: may(
        seconds(),
        'Seconds that a refused token is refused without asking. Default 5.',
      ),
      max: may(count(), 'Good tokens that are remembered, and as many refused ones. Default 1000.'),
    }),
    'Remembers answers, so that a revocation is seen later. Default: off.',
  ),
  maxInFlight: may(count(), 'Questions that may be on the way at once. Default 100.'),
})

// Plain http shows keys and tokens to whoever is on the way.
function checkInsecure(config: IssuerConfig, tell: Tell, path: Path): void {
  if (config.allowInsecureIssuer === true) return
  const message = 'must be https beyond loopback, or allowInsecureIssuer must be true'
  if (isInsecure(config.issuer)) tell({ path: [...path, 'issuer'], message })
  const endpoint = config.introspection?.endpoint
  if (endpoint !== undefined && isInsecure(endpoint)) {
    tell({ path: [...path, 'introspection', 'endpoint'], message })
  }
}

const isInsecure = (url: string): boolean => {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !isLoopback(hostname)
}

export const issuerShape: Shape<IssuerConfig> = object<IssuerConfig>(
  {
    id: need(texts.name, 'The name by which routes refer to it.'),
    issuer: need(texts.webUrl, 'Exactly as in `iss`.'),
    audience: need(
      either(texts.anyText, list(texts.anyText)),
      'What `aud` must hold; of several, one.',
    ),
    algorithms: may(
      list(algorithm),
      'Signature algorithms. Default: every asymmetric one we know.',
    ),
    types: may(list(texts.anyText), 'Values of `typ` besides `at+jwt` and `JWT`. Default none.'),
    profile: may(oneOf('rfc9068'), 'Demands the whole profile of JWT access tokens. Default none.'),
    clockTolerance: may(seconds(), 'Seconds by which its clock may differ. Default 5.'),
    maxTokenAge: may(seconds(), 'Seconds after `iat` from which a token is refused. Default none.'),
    maxStale: may(
      seconds(),
      'Seconds that its keys serve on through an outage; 0 = not at all. Default 86400.',
    ),
    timeout: may(
      seconds({ above: 0 }),
      'Seconds to wait for metadata, keys and answers. Default 5.',
    ),
    allowInsecureIssuer: may(flag, 'Allows `http:` beyond loopback. Default false.'),
    introspection: may(introspection, 'Asks the issuer about tokens (RFC 7662). Default: never.'),
  },
  checkInsecure,
)
