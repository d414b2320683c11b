// SPDX-License-Identifier: Apache-2.0
import { createConnection, createServer } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * Ends of TCP connections, for namespaces: `serve PORT` echoes what it hears and sends as many bytes as it is asked for;
 * `hold HOST PORT` says each line that it is given on one connection that stays open, and answers whether it was echoed;
 * `fetch HOST PORT BYTES` downloads and answers how long it took.
 */
const [mode, ...args] = process.argv.slice(2);
switch (mode) {
  case 'serve':
    serve(Number(args[0]));
    break;
  case 'hold':
    await hold(args[0] ?? '', Number(args[1]));
    break;
  case 'fetch':
    fetchBytes(args[0] ?? '', Number(args[1]), Number(args[2]));
    break;
  default:
    throw new Error(`"${mode}" is not serve, hold or fetch`);
}

function serve(port: number): void {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      const wanted = /^send (\d+)\n/.exec(data.toString('latin1'))?.[1];
      if (wanted === undefined) socket.write(data);
      else socket.end(Buffer.alloc(Number(wanted), 0x78));
    });
  });
  server.listen(port, '::', () => console.log('listening'));
}

async function hold(host: string, port: number): Promise<void> {
  const socket = createConnection({ host, port });
  socket.setNoDelay(true);
  let heard = '';
  let wake: (() => void) | undefined;
  socket.on('data', (data) => {
    heard += String(data);
    wake?.();
  });
  socket.on('error', (error) => {
    console.log(`error ${error.message}`);
    process.exit(1);
  });
  socket.on('close', () => process.exit(0));
  await new Promise((resolve) => socket.once('connect', resolve));
  console.log('connected');
  for await (const line of createInterface({ input: process.stdin })) {
    heard = '';
    socket.write(line);
    for (const until = Date.now() + 15_000; heard !== line && Date.now() < until; ) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 100);
      });
    }
    console.log(heard === line ? 'echoed' : 'silence');
  }
}

function fetchBytes(host: string, port: number, bytes: number): void {
  const began = performance.now();
  let got = 0;
  const socket = createConnection({ host, port }, () => socket.write(`send ${bytes}\n`));
  socket.setTimeout(10_000, () => {
    console.log(JSON.stringify({ got, stalled: true }));
    process.exit(1);
  });
  socket.on('data', (data) => {
    got += data.length;
  });
  socket.on('error', (error) => {
    console.log(JSON.stringify({ got, error: error.message }));
    process.exit(1);
  });
  socket.on('close', () => {
    console.log(JSON.stringify({ got, ms: Math.round(performance.now() - began) }));
    process.exit(0);
  });
}
