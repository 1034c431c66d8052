/** What the pages of both servers are made of. They load nothing. */

const style = `body{font:1rem/1.5 system-ui,sans-serif;max-width:22rem;margin:4rem auto;padding:0 1rem}
label{display:block;margin-top:1rem}input{box-sizing:border-box;width:100%;font:inherit;padding:.4rem}
button{font:inherit;margin:1.5rem .5rem 0 0;padding:.4rem 1rem}[role=alert]{color:#a00000}
code{font-size:1.4rem}@media(prefers-color-scheme:dark){:root{color-scheme:dark}[role=alert]{color:#ff9c9c}}`

/** A whole page; title and body are HTML already. */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><link rel="icon" href="data:,">
<style>${style}</style></head>
<body><main><h1>${title}</h1>
${body}
</main></body>
</html>`

/** A text made harmless inside a page. */
export const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** What went wrong, if anything. */
export const alert = (message: string | undefined): string =>
  message === undefined ? '' : `<p role="alert" id="error">${escape(message)}</p>`

/** The page after which there is nothing to do. */
export const donePage = (text: string): string => page('Done', `<p>${escape(text)}</p>`)
