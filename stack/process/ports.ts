import { type AddressInfo, connect, createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** A port was asked for by name and somebody else listens on it. */
export class PortInUse extends Error {
  readonly code = 'PORT_IN_USE';

  constructor(port: number, purpose: string, variable: string) {
    super(
      `Port ${String(port)}, chosen for ${purpose} by ${variable}, is in use. ` +
        `Stop what listens there, choose another port, or unset ${variable} to let a free one be taken.`,
    );
    this.name = 'PortInUse';
  }
}

/** Ports nobody listens on. All are held until the last is known, so none comes twice. */
export async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => hold(0)));
  await Promise.all(held.map((port) => port.release()));
  return held.map((port) => port.number);
}

export interface PortWish {
  /** What it is for, in messages. */
  readonly purpose: string;
  /** Set by a person through `variable`: this one or none. */
  readonly chosen: number | null;
  readonly variable: string;
  /** Taken where free; `null` = any. */
  readonly usual: number | null;
}

/**
 * The chosen port, else the usual one if nobody has it, else any.
 * Throws {@link PortInUse} when a chosen port is taken.
 */
export async function pickPort(wish: PortWish): Promise<number> {
  if (wish.chosen !== null) {
    if (await isFree(wish.chosen)) return wish.chosen;
    throw new PortInUse(wish.chosen, wish.purpose, wish.variable);
  }
  if (wish.usual !== null && (await isFree(wish.usual))) return wish.usual;
  const [port] = await freePorts(1);
  return port ?? 0;
}

/** Whether somebody accepts connections there. */
export function accepts(port: number, host = LOOPBACK, withinMs = 5000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: withinMs });
    const settle = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => {
      settle(true);
    });
    for (const event of ['error', 'timeout']) {
      socket.once(event, () => {
        settle(false);
      });
    }
  });
}

async function isFree(port: number): Promise<boolean> {
  try {
    await (await hold(port)).release();
    return true;
  } catch {
    return false;
  }
}

async function hold(port: number): Promise<{ number: number; release: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, resolve);
  });
  const { port: number } = server.address() as AddressInfo;
  const release = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  return { number, release };
}
