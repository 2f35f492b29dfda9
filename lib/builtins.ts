/**
 * Functions of Node's own modules, for programs that must start fast. An `import` of such a module
 * reads all of its exports, and some are getters that load what they stand for: a WebSocket client
 * with `node:http`, the Web Crypto API with `node:crypto`, the terminal with `node:process`. For a
 * runner that is a third of its start. Asked for in this way, a module gives what is used and no more.
 */
export const { createServer } = process.getBuiltinModule('node:http');
export const { createHash, randomBytes, randomUUID } = process.getBuiltinModule('node:crypto');
