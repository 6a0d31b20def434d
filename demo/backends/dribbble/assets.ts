const STYLE = `:root {
  color-scheme: light dark;
  --ground: #f6f4f5;
  --sheet: #fff;
  --line: #e6e0e3;
  --edge: #8d7f86;
  --ink: #221a1e;
  --quiet: #6b5f65;
  --accent: #c3255f;
  --accent-hover: #a91c50;
  --on-accent: #fff;
  --tint: #fdf0f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #151113;
    --sheet: #1f191c;
    --line: #382e33;
    --edge: #7d6f76;
    --ink: #f5eef1;
    --quiet: #b3a5ac;
    --accent: #f06a9d;
    --accent-hover: #f687b1;
    --on-accent: #2a0715;
    --tint: #2c1d24;
  }
}
* { box-sizing: border-box; margin: 0; }
body {
  display: flex;
  flex-direction: column;
  gap: 20px;
  min-height: 100vh;
  min-height: 100dvh;
  padding: 24px 16px;
  background: var(--ground);
  color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
  overflow-wrap: anywhere;
}
header, main, footer { width: 100%; max-width: 432px; margin-inline: auto; }
header { display: flex; align-items: center; gap: 8px; font-weight: 600; margin-top: auto; }
main {
  padding: 28px;
  background: var(--sheet);
  border: 1px solid var(--line);
  border-radius: 16px;
  box-shadow: 0 1px 2px rgb(0 0 0 / .04), 0 12px 32px -12px rgb(0 0 0 / .12);
}
footer { margin-bottom: auto; }
footer, .next { color: var(--quiet); font-size: 13px; text-align: center; text-wrap: balance; }
h1 { font-size: 22px; line-height: 1.3; letter-spacing: -.01em; text-wrap: balance; }
h1 em { font-style: normal; color: var(--accent); }
h1 + p { margin-top: 12px; }
h2 { margin-bottom: 8px; font-size: 14px; font-weight: 500; color: var(--quiet); }
.who { display: flex; align-items: center; gap: 12px; margin-block: 16px 20px; }
.who img { flex: none; border-radius: 50%; }
ul { padding: 0; list-style: none; background: var(--tint); border-radius: 12px; }
li { position: relative; padding: 12px 16px 12px 44px; }
li + li { border-top: 1px solid var(--line); }
li::before {
  content: '';
  position: absolute;
  left: 19px;
  top: 17px;
  width: 6px;
  height: 11px;
  border: solid var(--accent);
  border-width: 0 2px 2px 0;
  transform: rotate(45deg);
}
li strong, li span { display: block; }
li strong { font-weight: 600; }
li span { color: var(--quiet); font-size: 14px; }
form { display: grid; gap: 12px; margin-top: 24px; }
button {
  min-height: 48px;
  border: 1px solid transparent;
  border-radius: 24px;
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}
#allow { background: var(--accent); color: var(--on-accent); }
#allow:hover { background: var(--accent-hover); }
#deny { background: transparent; border-color: var(--edge); color: var(--ink); }
#deny:hover { background: var(--tint); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.next { margin-top: 16px; }
.next strong { color: var(--ink); font-weight: 500; }
@media (max-width: 400px), (max-height: 660px) {
  body { gap: 12px; padding-block: 16px; }
  main { padding: 20px; }
}
`

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">
<circle cx="12" cy="12" r="12" fill="#ea4c89"/>
<path d="M8 6.5h4a5.5 5.5 0 0 1 0 11H8z" fill="none" stroke="#fff" stroke-width="2.6"
 stroke-linejoin="round"/></svg>
`

const PERSON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">
<rect width="96" height="96" fill="#f7c6d9"/>
<path d="M24 62c-4-34 8-44 24-44s28 10 24 44z" fill="#3b2030"/>
<path d="M12 96c0-22 16-30 36-30s36 8 36 30z" fill="#ea4c89"/>
<path d="M40 54h16v14c0 10-16 10-16 0z" fill="#e3a587"/>
<circle cx="48" cy="44" r="15" fill="#f2bd9f"/>
<path d="M32 42c0-22 32-22 32 0-10-1-16-5-19-10-2 5-6 9-13 10z" fill="#3b2030"/></svg>
`

const TEAM = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">
<rect width="96" height="96" fill="#1f2a44"/>
<path d="M48 16l8 24 24 8-24 8-8 24-8-24-24-8 24-8z" fill="#9be3d0"/></svg>
`

const ASSETS = new Map([
  ['/style.css', STYLE],
  ['/icon.svg', ICON],
  ['/avatars/adawinter.svg', PERSON],
  ['/avatars/northlight.svg', TEAM],
])

/** The style sheet and pictures of the site; `null` where there is none at `path`. */
export function findAsset(path: string): Response | null {
  const body = ASSETS.get(path)
  if (body === undefined) return null
  const type = path.endsWith('.css') ? 'text/css; charset=utf-8' : 'image/svg+xml'
  return new Response(body, {
    headers: { 'content-type': type, 'x-content-type-options': 'nosniff' },
  })
}
