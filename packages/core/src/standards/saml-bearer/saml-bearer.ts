import {
  asGranted,
  checkWish,
  demandText,
  formOf,
  type Grant,
  type GrantWish,
} from '../../client/grant.ts'

/** A SAML 2.0 assertion of somebody whom the issuer trusts, traded for tokens (RFC 7522 §2.1). */
export function samlBearer(assertion: string, wish: GrantWish = {}): Grant {
  checkWish('samlBearer', wish)
  demandText('the assertion of samlBearer()', assertion)
  return {
    type: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
    form: formOf(wish, { assertion: encoded(assertion.trim()) }),
    granted: asGranted,
  }
}

// XML begins with '<', which base64url does not have.
const encoded = (assertion: string): string =>
  assertion.startsWith('<') ? Buffer.from(assertion).toString('base64url') : assertion
