import { createHash } from 'node:crypto'

/** How the plain page looks. It names no file, so that there is nothing to serve beside it. */
export const style = `:root{color-scheme:light dark;--ink:#1b2430;--soft:#566270;--ground:#f2f4f7;--sheet:#fff;--line:#7f8b99;--act:#1d4ed8;--on-act:#fff;--wrong:#b42318;--wrong-ground:#fef3f2}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf1;--soft:#a9b4c0;--ground:#12171d;--sheet:#1b222b;--line:#7d8997;--act:#8ab4ff;--on-act:#0b1b3a;--wrong:#ffb4a9;--wrong-ground:#3b1512}}
*{box-sizing:border-box}
body{margin:0;padding:6vh 1rem 2rem;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:24rem;margin:auto;padding:1.5rem;background:var(--sheet);border-radius:.75rem;box-shadow:0 1px 3px #0003}
h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}
h2{margin:1.5rem 0 -.25rem;font-size:1rem}
p{margin:0 0 1rem}
.other p{margin:0 0 .75rem}
label{display:block;font-weight:600}
input{display:block;width:100%;margin-top:.25rem;padding:.6rem .75rem;border:1px solid var(--line);border-radius:.375rem;background:transparent;color:inherit;font:inherit}
[name=code]{font-size:1.25rem;letter-spacing:.2em}
button{width:100%;padding:.6rem 1rem;border:1px solid var(--act);border-radius:.375rem;background:var(--act);color:var(--on-act);font:inherit;font-weight:600;cursor:pointer}
.other button{background:transparent;color:var(--act)}
.other{margin-top:.75rem}
.other .quiet{border-color:transparent}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
a{color:var(--act)}
[role=alert]{padding:.75rem 1rem;border-left:4px solid var(--wrong);background:var(--wrong-ground);color:var(--wrong);font-weight:600}
strong{display:block;margin:.25rem 0;font-size:3.5rem;line-height:1.1;text-align:center;letter-spacing:.1em}
progress{display:block;width:100%;height:.5rem;margin-bottom:.25rem;accent-color:var(--act)}
.soft{color:var(--soft);font-size:.9rem}`

/** What a Content Security Policy must name for the browser to take it. */
export const styleSource: string = `'sha256-${createHash('sha256').update(style).digest('base64')}'`
