import { oktaError, type Refusal } from '../wire.ts'

// Okta's catalogue, as far as the Authentication API uses it.
export const invalidBody = (...causes: readonly string[]): Refusal =>
  oktaError(400, 'E0000001', 'Api validation failed: authRequest', causes)

export const authenticationFailed = (): Refusal =>
  oktaError(401, 'E0000004', 'Authentication failed')

export const invalidToken = (): Refusal => oktaError(401, 'E0000011', 'Invalid token provided')

export const noPermission = (): Refusal =>
  oktaError(403, 'E0000006', 'You do not have permission to perform the requested action')

export const updateFailed = (cause: string): Refusal =>
  oktaError(403, 'E0000014', 'Update of credentials failed', [cause])

export const rateLimited = (): Refusal =>
  oktaError(429, 'E0000047', 'API call exceeded rate limit due to too many requests.')

export const wrongPasscode = (what: 'passcode' | 'answer'): Refusal =>
  oktaError(403, 'E0000068', 'Invalid Passcode/Answer', [
    `Your ${what} doesn't match our records. Please try again.`,
  ])

export const userLocked = (): Refusal => oktaError(403, 'E0000069', 'User Locked')

export const wrongState = (): Refusal =>
  oktaError(403, 'E0000079', 'This operation is not allowed in the current authentication state.')

export const weakPassword = (): Refusal =>
  oktaError(
    403,
    'E0000080',
    'The password does not meet the complexity requirements of the current password policy.',
    ['Password requirements were not met. Password requirements: at least 8 characters.'],
  )

export const usedPasscode = (): Refusal =>
  oktaError(
    403,
    'E0000082',
    'Each code can only be used once. Please wait for a new code and try again.',
  )

export const wrongAnswer = (): Refusal =>
  oktaError(403, 'E0000087', 'The recovery question answer did not match our records.')

export const unknownUser = (): Refusal =>
  oktaError(403, 'E0000095', 'Recovery not allowed for unknown user.')

export const usedLink = (): Refusal =>
  oktaError(
    403,
    'E0000105',
    'You have accessed an account recovery link that has expired or been previously used.',
  )

export const messageTooSoon = (): Refusal =>
  oktaError(
    429,
    'E0000109',
    'An SMS message was recently sent. Please wait 30 seconds before trying again.',
  )

export const callTooSoon = (): Refusal =>
  oktaError(
    429,
    'E0000133',
    'A phone call was recently made. Please wait 30 seconds before trying again.',
  )

export const accountLocked = (): Refusal =>
  oktaError(403, 'E0000119', 'Your account is locked. Please contact your administrator.')
