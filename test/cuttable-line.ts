import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that breaks down and is mended, as a network or a deployment does it. */
export interface CuttableLine {
  /** Where the server is reached through it. */
  readonly url: string;
  /** Ends what is under way, and takes nothing new. */
  cut: () => void;
  mend: () => void;
  close: () => Promise<void>;
}

export async function openLine(to: string): Promise<CuttableLine> {
  const { hostname, port } = new URL(to);
  const ends = new Set<Socket>();
  let isCut = false;
  const line = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end);
      end.on('error', () => other.destroy());
      end.on('close', () => {
        ends.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  });
  const cut = (): void => {
    isCut = true;
    for (const end of ends) end.destroy();
  };
  await new Promise<void>((resolve) => line.listen(0, hostname, resolve));
  return {
    url: `http://${hostname}:${String((line.address() as AddressInfo).port)}`,
    cut,
    mend: () => {
      isCut = false;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => line.close(resolve));
    },
  };
}
