// Each entry as an app pays for it before the first click: what is behind an `import()` is left out
// of the first lines and counted, everything together, in the lines that say so.
const later = {
  name: 'later',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    )
  },
}

const production = (config) => ({
  ...config,
  format: 'esm',
  target: 'es2022',
  define: { 'process.env.NODE_ENV': '"production"' },
})
const eager = (config) => ({ ...production(config), plugins: [later] })

export default [
  {
    name: 'latchkey: session, signIn, signOut on Aura, nanostores included',
    path: 'dist/index.js',
    import: '{ createAuthClient }',
    modifyEsbuildConfig: eager,
    limit: '3.9 kB',
  },
  {
    name: 'latchkey: the same with all that loads later',
    path: 'dist/index.js',
    import: '{ createAuthClient }',
    modifyEsbuildConfig: production,
    limit: '6.8 kB',
  },
]
