// SPDX-License-Identifier: Apache-2.0
import { possibleCpus } from './child/bpf.ts';
import { linkCreate, linkInfo, linkUpdate, objPinExists, unlinkPin } from './child/link.ts';
import { mapCount, mapDelete, mapDump, mapInfo, mapLookup, mapUpdate } from './child/map.ts';
import { namespaceInode } from './child/namespace.ts';
import { runNetlink } from './child/netlink.ts';
import { ProbeLoop } from './child/probe/loop.ts';
import { progInfo, progTestRun } from './child/prog.ts';
import { applySysctls } from './child/sysctl.ts';
import type { Event, OperationName, Operations, Request, Response, WireError } from './protocol.ts';

/**
 * The child process that calls the C library, so that a wrong pointer does not end the agent. It serves one request
 * after the other, each synchronously, and exits with the agent (the channel closes).
 */
type Serve = { [Name in OperationName]: (args: Operations[Name]['args']) => Operations[Name]['result'] };

const sysctlRoot = process.argv[2] ?? '/proc/sys';

const probes = new ProbeLoop((report) => {
  const event: Event = { probes: report };
  process.send?.(event);
});

const serve: Serve = {
  netlink: runNetlink,
  mapInfo,
  mapUpdate: (args) => void mapUpdate(args),
  mapDelete,
  mapDump,
  mapCount,
  mapLookup,
  linkCreate: (args) => void linkCreate(args),
  linkUpdate: (args) => void linkUpdate(args),
  linkInfo,
  progInfo,
  progTestRun,
  objPinExists,
  unlink: unlinkPin,
  sysctl: (args) => applySysctls(sysctlRoot, args),
  netnsInode: (args) => namespaceInode(args.path),
  possibleCpus,
  probe: ({ plan }) => void probes.set(plan),
};

function answer(request: Request): Response {
  try {
    // The two sides of a request are tied together by `Operations`; a union of functions cannot say so.
    const operation = serve[request.op] as (args: Request['args']) => unknown;
    return { id: request.id, result: operation(request.args) };
  } catch (error) {
    return { id: request.id, error: describe(error) };
  }
}

function describe(error: unknown): WireError {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { message: error.message, ...code };
}

process.on('message', (request: Request) => {
  process.send?.(answer(request));
});
// Signals to the whole process group (Ctrl-C in a terminal) are handled by the agent, which then closes the channel.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
