import { subjects as aws } from './aws-jwt-verify.mjs'
import { subjects as expressJwt } from './express-jwt.mjs'
import { subjects as bearer } from './express-oauth2-jwt-bearer.mjs'
import { subjects as fastJwt } from './fast-jwt.mjs'
import { subjects as jose } from './jose.mjs'
import { subjects as jsonwebtoken } from './jsonwebtoken.mjs'
import { subjects as koaJwt } from './koa-jwt.mjs'
import { subjects as oauth4webapi } from './oauth4webapi.mjs'
import { subjects as okta } from './okta-jwt-verifier.mjs'

/** Everything Portcullis is measured against. */
export const peers = [
  ...fastJwt,
  ...jsonwebtoken,
  ...aws,
  ...jose,
  ...bearer,
  ...oauth4webapi,
  ...expressJwt,
  ...okta,
  ...koaJwt,
]
