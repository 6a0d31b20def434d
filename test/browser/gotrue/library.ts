// What an app with GoTrue imports, as one module.
export { createAuthClient } from '../../../src/index.js'
export { gotrue } from '../../../src/adapters/gotrue/index.js'
