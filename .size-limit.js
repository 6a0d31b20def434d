// Each entry as an app pays for it before the first click: what is behind an `import()` is left
// out, but for the line that says so. Brotli, minified, nanostores included, frameworks not.
const later = {
  name: 'later',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    )
  },
}
const eager = (config) => ({
  ...config,
  format: 'esm',
  target: 'es2022',
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [later],
})

export default [
  {
    name: 'latchkey',
    path: 'dist/index.js',
    import: '{ createAuthClient }',
    modifyEsbuildConfig: eager,
    limit: '4.1 kB',
  },
  {
    name: 'latchkey, with all that loads later (keeping fresh, sign-in by redirect and popup, sign-out)',
    path: 'dist/index.js',
    // The chunks by name: inlining them would count the bundler's own glue.
    import: {
      'dist/index.js': '{ createAuthClient }',
      'dist/session/keeper.js': '{ createKeeper }',
      'dist/flow/flow.js': '{ createFlow }',
      'dist/adapters/aura/flow.js': '{ createAuraFlow }',
    },
    modifyEsbuildConfig: eager,
    limit: '10.6 kB',
  },
  {
    name: 'latchkey and latchkey/react',
    path: 'dist/react/index.js',
    import: { 'dist/index.js': '{ createAuthClient }', 'dist/react/index.js': '{ useSession }' },
    ignore: ['react'],
    modifyEsbuildConfig: eager,
    limit: '4.4 kB',
  },
  {
    name: 'latchkey and latchkey/vue',
    path: 'dist/vue/index.js',
    import: { 'dist/index.js': '{ createAuthClient }', 'dist/vue/index.js': '{ useSession }' },
    ignore: ['vue'],
    modifyEsbuildConfig: eager,
    limit: '4.4 kB',
  },
  {
    name: 'latchkey/aurinko',
    path: 'dist/adapters/aurinko/index.js',
    import: '{ aurinko }',
    // What `latchkey` itself brings is counted there.
    ignore: ['../../errors.js', '../../http.js'],
    modifyEsbuildConfig: eager,
    limit: '900 B',
  },
  {
    name: 'latchkey/aurinko, what a sign-in loads later',
    path: 'dist/adapters/aurinko/flow.js',
    import: '{ createAurinkoFlow }',
    ignore: ['../../errors.js', '../../http.js'],
    modifyEsbuildConfig: eager,
    limit: '2.5 kB',
  },
  {
    name: 'latchkey/oidc',
    path: 'dist/adapters/oidc/index.js',
    import: '{ oidc }',
    // What `latchkey` itself brings is counted there.
    ignore: ['../../errors.js', '../../http.js'],
    modifyEsbuildConfig: eager,
    limit: '900 B',
  },
  {
    name: 'latchkey/oidc, what a sign-in loads later (oauth4webapi included)',
    path: 'dist/adapters/oidc/sign-in.js',
    import: {
      'dist/adapters/oidc/provider.js': '{ createProvider }',
      'dist/adapters/oidc/sign-in.js': '{ createSignIn }',
    },
    ignore: ['../../errors.js', '../../http.js'],
    modifyEsbuildConfig: eager,
    limit: '7.6 kB',
  },
  {
    name: 'latchkey/oidc, what tokens load later (oauth4webapi included)',
    path: 'dist/adapters/oidc/keeper.js',
    import: {
      'dist/adapters/oidc/provider.js': '{ createProvider }',
      'dist/adapters/oidc/keeper.js': '{ createKeeper }',
    },
    ignore: ['../../errors.js', '../../http.js'],
    modifyEsbuildConfig: eager,
    limit: '8.2 kB',
  },
  {
    name: 'latchkey/oidc/dpop',
    path: 'dist/adapters/oidc/dpop.js',
    modifyEsbuildConfig: eager,
    limit: '200 B',
  },
  {
    name: 'latchkey/gotrue',
    path: 'dist/adapters/gotrue/index.js',
    import: '{ gotrue }',
    // What `latchkey` itself brings is counted there.
    ignore: ['../../errors.js', '../../http.js'],
    modifyEsbuildConfig: eager,
    limit: '1.2 kB',
  },
  {
    name: 'latchkey/gotrue, what a sign-in and tokens load later',
    path: 'dist/adapters/gotrue/keeper.js',
    import: {
      'dist/adapters/gotrue/keeper.js': '{ createKeeper }',
      'dist/adapters/gotrue/sign-in.js': '{ createSignIn }',
    },
    ignore: ['../../errors.js', '../../http.js', '../../params.js'],
    modifyEsbuildConfig: eager,
    limit: '5.9 kB',
  },
  {
    name: 'latchkey/gotrue, what its other methods load later',
    path: 'dist/adapters/gotrue/methods.js',
    import: '{ createMethods }',
    // What tokens have brought before.
    ignore: ['../../errors.js', './pkce.js', './tokens.js'],
    modifyEsbuildConfig: eager,
    limit: '1.7 kB',
  },
  {
    name: 'latchkey/callback',
    path: 'dist/callback.js',
    modifyEsbuildConfig: eager,
    limit: '900 B',
  },
]
