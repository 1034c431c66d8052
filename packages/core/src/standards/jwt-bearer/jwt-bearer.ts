import {
  asGranted,
  checkWish,
  demandText,
  formOf,
  type Grant,
  type GrantWish,
} from '../../client/grant.ts'

/** A JWT of somebody whom the issuer trusts, traded for tokens (RFC 7523 §2.1). */
export function jwtBearer(assertion: string, wish: GrantWish = {}): Grant {
  checkWish('jwtBearer', wish)
  demandText('the assertion of jwtBearer()', assertion)
  return {
    type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    form: formOf(wish, { assertion }),
    granted: asGranted,
  }
}
