// What an app with Aurinko imports, as one module.
export { createAuthClient } from '../../src/index.js'
export { aurinko } from '../../src/adapters/aurinko/index.js'
