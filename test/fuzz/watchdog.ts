// SPDX-License-Identifier: Apache-2.0
import { Worker } from 'node:worker_threads';

/** No parser needs as long for an input, on a machine that is busy too. */
const HANGS_AFTER_MS = 20_000;

/** Watches code that could hang: no timer of its own thread would run then. */
export interface Watch {
  /** Says that the next input begins. */
  alive(): void;
  end(): void;
}

const program = `
const { workerData: { counter, name, ms } } = require('node:worker_threads');
let seen = -1;
setInterval(() => {
  const now = Atomics.load(counter, 0);
  if (now === seen) {
    require('node:fs').writeSync(2, 'HANGS: input ' + now + ' of ' + name + ' (HEDDLE_SEED=' + process.env.HEDDLE_SEED + ')\\n');
    process.kill(process.pid, 'SIGKILL');
  }
  seen = now;
}, ms);
`;

/** Ends this process when an input takes longer than HANGS_AFTER_MS, and says of what. */
export function watchFor(name: string): Watch {
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(program, { eval: true, workerData: { counter, name, ms: HANGS_AFTER_MS } });
  worker.unref();
  return {
    alive: () => void Atomics.add(counter, 0, 1),
    end: () => void worker.terminate(),
  };
}
