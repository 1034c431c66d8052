// For a page of one's own, below a direct login: signs in with a passkey when the button
// `data-ask` is pressed, whose value is the address of `start` or of `challenge`.
const post = async (path, body) => {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (response.headers.get('content-type') !== 'application/json') {
    throw new Error('refused ' + response.status)
  }
  return response.json()
}

async function signIn(ask) {
  const asked = await post(ask, { factor: 'webauthn' })
  if (asked.status !== 'webauthn') throw new Error(asked.code ?? asked.status)
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.publicKey)
  const { response } = (await navigator.credentials.get({ publicKey })).toJSON()
  const answer = await post('/direct/verify', { assertion: response })
  if (answer.status !== 'signed_in') throw new Error(answer.code)
  location.assign(answer.location)
}

const button = document.querySelector('[data-ask]')
button.addEventListener('click', () =>
  signIn(button.dataset.ask).catch((error) => {
    const alert = document.querySelector('[role=alert]')
    alert.textContent = error.message
    alert.hidden = false
  }),
)
