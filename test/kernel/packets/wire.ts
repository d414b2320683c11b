// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { World } from '../world/world.ts';

const SCRIPT = join(import.meta.dirname, 'wire.py');
/** The time in which a frame arrives everywhere on this machine. */
const SETTLED_MS = 150;

/** A frame that came into a namespace. */
export interface Heard {
  readonly frame: Buffer;
  /** Whether the checksum was left to the device. */
  readonly isUnwritten: boolean;
}

/** Receives everything that comes in on a device of a pod, as its kernel gets it. */
export class Ear {
  readonly #process: ReturnType<World['spawn']>;
  readonly #heard: Heard[] = [];

  private constructor(process: ReturnType<World['spawn']>) {
    this.#process = process;
  }

  /** Starts to receive. */
  static async open(world: World, pod: string, device = 'net1'): Promise<Ear> {
    const process = world.spawn(pod, ['python3', SCRIPT, 'listen', device]);
    const ear = new Ear(process);
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: process.stdout }).on('line', (line) => {
        const [frame = '', state] = line.split(' ');
        if (line === 'ready') resolve();
        else ear.#heard.push({ frame: Buffer.from(frame, 'hex'), isUnwritten: state === 'unwritten' });
      });
      process.then(({ stderr }) => reject(new Error(`nobody listens at ${pod}: ${stderr}`)));
    });
    return ear;
  }

  /** The frames received since the last call, after a moment in which pending frames arrive. */
  async heard(): Promise<readonly Heard[]> {
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    return this.#heard.splice(0).filter(({ frame }) => !isGroupReport(frame));
  }

  async close(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#process.catch(() => undefined);
  }
}

/** All routers that speak MLDv2 (RFC 3810 5.2.14). */
const REPORTS = Buffer.from('333300000016', 'hex');

/**
 * Whether a frame is a report of groups. A node that forwards IPv6 is in the group of all routers on each device, and says so
 * some seconds after it has made the pod's interface.
 */
function isGroupReport(frame: Buffer): boolean {
  return frame.subarray(0, 6).equals(REPORTS) && frame.readUInt16BE(12) === 0x86dd;
}

/** Sends arbitrary frames out of a device of a pod. */
export class Mouth {
  readonly #process: ReturnType<World['spawn']>;
  readonly #answers: AsyncIterator<string>;

  /** `mark` is the context of packets that a function's own kernel sends; -1 bypasses the function's egress program. */
  constructor(world: World, pod: string, { device = 'net1', mark = 0 } = {}) {
    this.#process = world.spawn(pod, ['python3', SCRIPT, 'send', device, String(mark)]);
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Sends a frame as it is. */
  async say(frame: Buffer): Promise<void> {
    this.#process.stdin.write(`${frame.toString('hex')}\n`);
    const { done } = await this.#answers.next();
    if (done) throw new Error(`the frame was not sent: ${(await this.#process).stderr}`);
  }

  async close(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#process.catch(() => undefined);
  }
}

/** The fields of an IP packet that tests read. */
export interface Parsed {
  readonly family: 4 | 6;
  readonly source: Buffer;
  readonly destination: Buffer;
  readonly protocol: number;
  readonly packet: Buffer;
  readonly payload: Buffer;
}

/** Reads a frame; undefined when it is not IP. */
export function parseFrame(frame: Buffer): Parsed | undefined {
  const packet = frame.subarray(14);
  const type = frame.readUInt16BE(12);
  if (type === 0x0800) {
    const header = (packet.readUInt8(0) & 15) * 4;
    return {
      family: 4,
      source: packet.subarray(12, 16),
      destination: packet.subarray(16, 20),
      protocol: packet.readUInt8(9),
      packet: packet.subarray(0, packet.readUInt16BE(2)),
      payload: packet.subarray(header, packet.readUInt16BE(2)),
    };
  }
  if (type !== 0x86dd) return undefined;
  const end = 40 + packet.readUInt16BE(4);
  return {
    family: 6,
    source: packet.subarray(8, 24),
    destination: packet.subarray(24, 40),
    protocol: packet.readUInt8(6),
    packet: packet.subarray(0, end),
    payload: packet.subarray(40, end),
  };
}
