export type { OktaAccessTokenClaims, OktaIdTokenClaims } from './claims.ts'
export type {
  DirectAnswer,
  DirectAttested,
  DirectClaims,
  DirectMfa,
  DirectPending,
  DirectTokens,
  DirectWebAuthn,
  WebAuthnEnrollment,
} from './direct/answer.ts'
export {
  limitAttempts,
  type Attempt,
  type AttemptLimit,
  type AttemptLimiter,
  type AttemptOptions,
  type AttemptStore,
  type Permission,
  type TakenPlace,
} from './direct/attempts.ts'
export { createDirectAuthentication, type DirectAuthentication } from './direct/create.ts'
export type { DirectFailure, DirectFailureCode, Retry } from './direct/failure.ts'
export { memoryAttempts, type MemoryAttemptOptions } from './direct/memory-attempts.ts'
export type { DirectEvent, DirectObserver } from './direct/observe.ts'
export type {
  CallOptions,
  DirectAuthenticationOptions,
  OobInput,
  OtpInput,
  PasswordInput,
  PollOptions,
  PollProgress,
  Sleep,
  WebAuthnAssertion,
} from './direct/options.ts'
export type { DirectState, MfaState, OobState, WebAuthnState } from './direct/state.ts'
export { mfaAttestation } from './direct/tokens.ts'
export type { Binding, Channel, Factor, SecondFactor } from './direct/wire.ts'
export { joinScopes, oktaScopes, type OktaScope } from './scopes.ts'
export { pseudonym, redacted, type PersonalEvent, type Redaction } from './redact.ts'
export {
  readFragment,
  type ExpectedFragment,
  type FragmentAnswer,
  type FragmentResponseType,
} from './fragment.ts'
export {
  createInteraction,
  type Interaction,
  type InteractionAttempt,
  type InteractionOptions,
  type InteractionWish,
} from './interaction.ts'
export { oktaIssuer } from './issuer.ts'
export {
  apiIssuer,
  introspectionAdvice,
  okta,
  type OktaEndpoints,
  type OktaOptions,
  type OktaServer,
} from './servers.ts'
export { meetsAcr, oktaAcr, readStepUp, type OktaAcr, type StepUpDemand } from './step-up.ts'
export { chooseFlow, type FlowChoice, type FormerAnswer } from './flows/choose.ts'
export type { FlowAnswers, FlowFacts, FlowQuestion } from './flows/questions.ts'
export type { Flow, FlowToken } from './flows/row.ts'
export type { FlowClientAuthentication, FlowServer, FlowWarning } from './flows/rules.ts'
export type { AuthnChallenge } from './authn/challenges.ts'
export { createAuthn, type Authn, type RecoverInput, type SignInInput } from './authn/create.ts'
export type {
  AuthnActivation,
  AuthnEnrollable,
  AuthnFactor,
  AuthnFactorInfo,
  DuoInfo,
} from './authn/factors.ts'
export type { AuthnFailure, AuthnFailureCode } from './authn/failure.ts'
export type { AuthnAct, AuthnEvent, AuthnObserver } from './authn/observe.ts'
export type { AuthnPage } from './authn/link.ts'
export type {
  AuthnCall,
  AuthnFactorCall,
  AuthnOptions,
  AuthnPollCall,
  AuthnPollProgress,
} from './authn/options.ts'
export type { OktaSession, OktaSessionStatus } from './authn/session.ts'
export {
  createOktaSessions,
  type ClosedSession,
  type OktaSessions,
  type OktaSessionsOptions,
  type WhichSession,
} from './authn/sessions.ts'
export type { AuthnStatus, AuthnUser } from './authn/status.ts'
export type {
  AuthnAnswer,
  AuthnCancelled,
  AuthnStep,
  AuthnStepInfo,
  LockedOutStep,
  MfaChallengeStep,
  MfaEnrollActivateStep,
  MfaEnrollStep,
  MfaRequiredStep,
  PasswordExpiredStep,
  PasswordResetStep,
  PasswordWarnStep,
  RecoveryChallengeStep,
  RecoveryMailedStep,
  RecoveryStep,
  RecoveryTokenStep,
  RecoveryType,
  UnauthenticatedStep,
} from './authn/steps.ts'
export type { SuccessStep } from './authn/success.ts'
export type { WebAuthnAttestation } from './authn/webauthn.ts'
export { universalLogout } from './universal-logout/universal-logout.ts'
export type { UniversalLogoutOptions } from './universal-logout/options.ts'
export { createDirectLogin } from './direct-login/create.ts'
export type { DirectLoginOptions } from './direct-login/options.ts'
export type { DirectAddresses, DirectFailed, DirectStage, DirectView } from './direct-login/view.ts'
