import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { within } from './process.js'

/**
 * Brings the window with this title to the front and gives it the focus, as a click on it in a
 * taskbar does. WebKit's driver cannot, and this is the one message to the window manager that
 * openbox obeys whoever has the focus. Answers `false` while there is no such window.
 *
 * This is the X11 protocol by hand, little-endian: five requests are not worth one more program
 * for everybody to install.
 */
export async function activate(display: string, title: string): Promise<boolean> {
  const server = await open(display)
  try {
    const clientList = await server.atom('_NET_CLIENT_LIST')
    const name = await server.atom('_NET_WM_NAME')
    const list = await server.property(server.root, clientList)
    for (let at = 0; at < list.length; at += 4) {
      const window = list.readUInt32LE(at)
      if (String(await server.property(window, name)).includes(title)) {
        await server.tell(window, await server.atom('_NET_ACTIVE_WINDOW'))
        return true
      }
    }
    return false
  } finally {
    server.close()
  }
}

interface Server {
  readonly root: number
  atom: (name: string) => Promise<number>
  property: (window: number, atom: number) => Promise<Buffer>
  /** Sends a message about a window to the window manager, as a taskbar would. */
  tell: (window: number, message: number) => Promise<void>
  close: () => void
}

async function open(display: string): Promise<Server> {
  const socket = connect(`/tmp/.X11-unix/X${display.replace(':', '')}`)
  const take = reader(socket)
  await within(once(socket, 'connect'), 5_000, `No X server on ${display}`)

  socket.write(Buffer.from([0x6c, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
  const hello = await take(8)
  const setup = await take(hello.readUInt16LE(6) * 4)
  if (hello[0] !== 1) throw new Error(`The X server on ${display} let nobody in: ${String(setup)}`)
  const vendor = Math.ceil(setup.readUInt16LE(16) / 4) * 4
  const formats = setup[21]! * 8
  const root = setup.readUInt32LE(32 + vendor + formats)

  /** A request; its length, in units of four bytes, is the third and fourth byte of each. */
  const send = (opcode: number, body: Buffer) => {
    const padding = Buffer.alloc((4 - (body.length % 4)) % 4)
    const head = Buffer.from([opcode, 0, 0, 0])
    head.writeUInt16LE((4 + body.length + padding.length) / 4, 2)
    socket.write(Buffer.concat([head, body, padding]))
  }
  const ask = async (opcode: number, body: Buffer): Promise<Buffer> => {
    send(opcode, body)
    for (;;) {
      const head = await take(32)
      if (head[0] === 1) return Buffer.concat([head, await take(head.readUInt32LE(4) * 4)])
      // An error, such as a window that has just gone, or an event, which is nothing to us.
      if (head[0] === 0) return Buffer.alloc(32)
    }
  }

  return {
    root,
    atom: async (name) => {
      const length = Buffer.alloc(4)
      length.writeUInt16LE(name.length)
      return (await ask(16, Buffer.concat([length, Buffer.from(name)]))).readUInt32LE(8)
    },
    property: async (window, atom) => {
      const reply = await ask(20, words(window, atom, 0, 0, 1024))
      return reply.subarray(32, 32 + reply.readUInt32LE(16) * (reply[1]! / 8))
    },
    tell: async (window, message) => {
      const toTheManager = 0x180000
      const clientMessage = words(0x2021, window, message, 2, 0, 0, 0, 0)
      send(25, Buffer.concat([words(root, toTheManager), clientMessage]))
      // Any question: once it is answered, the message has arrived.
      await ask(43, Buffer.alloc(0))
    },
    close: () => socket.destroy(),
  }
}

function words(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4)
  values.forEach((value, index) => buffer.writeUInt32LE(value, index * 4))
  return buffer
}

/** Reads exactly as many bytes as asked for. */
function reader(socket: Socket): (length: number) => Promise<Buffer> {
  let received = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    socket.emit('more')
  })
  socket.on('error', () => undefined)
  return async (length) => {
    while (received.length < length) {
      await within(once(socket, 'more'), 5_000, 'The X server did not answer')
    }
    const taken = received.subarray(0, length)
    received = received.subarray(length)
    return taken
  }
}
