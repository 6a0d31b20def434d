// What an app with an OpenID provider imports, as one module.
export { createAuthClient } from '../../../src/index.js'
export { dribbble, oidc } from '../../../src/adapters/oidc/index.js'
export { dpop } from '../../../src/adapters/oidc/dpop.js'
