// SPDX-License-Identifier: Apache-2.0
/**
 * The requests to the kernel's child process, and its answers. They cross a process boundary, so they are plain
 * values without functions and classes.
 */

/** A placeholder for a descriptor, whose number exists only in the child: the child opens the path and inserts the number. */
export interface DescriptorPlaceholder {
  readonly offset: number;
  readonly kind: 'Netns' | 'Pin';
  readonly path: string;
}

/** One rtnetlink message, complete except for its sequence number and the numbers of descriptors. */
export interface NetlinkMessage {
  readonly bytes: Uint8Array;
  readonly descriptors: readonly DescriptorPlaceholder[];
  /** Names of errors to ignore: the wanted state exists already (EEXIST for an add), or there is none (ENODEV for a get). */
  readonly tolerate: readonly string[];
}

export interface MapInfo {
  readonly type: number;
  readonly id: number;
  readonly keySize: number;
  /** As declared; a per-CPU map's value in a dump is this rounded up to 8, once per possible CPU. */
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly name: string;
}

export interface MapEntries {
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
  readonly count: number;
}

export type TcxAttachType = 'tcxIngress' | 'tcxEgress';

export interface LinkInfo {
  readonly id: number;
  readonly progId: number;
  /** The device; 0 if it is gone, and the link has no effect any more. */
  readonly ifindex: number;
  readonly attachType: TcxAttachType | 'other';
}

export interface ProgInfo {
  readonly id: number;
  readonly name: string;
}

export interface TestRunResult {
  readonly retval: number;
  readonly dataOut: Uint8Array;
  readonly ctxOut: Uint8Array;
  readonly durationNs: number;
}

export interface SysctlEntry {
  /** Below `/proc/sys`: `net/ipv4/ip_forward`. */
  readonly path: string;
  readonly value: string;
  /** Whether to skip the switch if the kernel does not have it. */
  readonly optional?: true;
}

/** A frame that is sent repeatedly, and the map entry in which its answers are counted. */
export interface ProbeTarget {
  /** The caller's name of the target, unique in a plan. */
  readonly name: string;
  readonly frame: Uint8Array;
  /** Offset in the frame of the round (u32) and the time of sending (u64, ns of CLOCK_MONOTONIC). */
  readonly stampAt: number;
  /** Pin of a hash map whose value begins with the last round that was answered (u32). */
  readonly map: string;
  readonly key: Uint8Array;
  /** The frame is sent in each round that is divisible by this. */
  readonly every: number;
  /** Number of unanswered rounds in a row for level 2; at least 2. */
  readonly misses: number;
}

export interface ProbePlan {
  /** The device of this node by which the frames are sent. */
  readonly ifindex: number;
  readonly intervalMs: number;
  readonly targets: readonly ProbeTarget[];
}

/** The state of a target. 0: it answers. 1: two rounds in a row were unanswered. 2: `misses` rounds in a row were. */
export type ProbeLevel = 0 | 1 | 2;

/** Changed results of probes. A target that has neither answered nor missed enough rounds has no level yet. */
export interface ProbeReport {
  readonly levels: readonly (readonly [name: string, level: ProbeLevel])[];
  /** The reason why frames cannot be sent; empty if they can. Such rounds count for no target. */
  readonly failure?: string;
}

/** Every operation: its arguments and its result. */
export interface Operations {
  netlink: {
    args: { readonly netns?: string; readonly messages: readonly NetlinkMessage[] };
    result: Uint8Array[][];
  };
  mapInfo: { args: { readonly path: string }; result: MapInfo };
  mapUpdate: {
    args: { readonly path: string; readonly entries: MapEntries; readonly flags?: number };
    result: undefined;
  };
  mapDelete: {
    args: { readonly path: string; readonly keys: Uint8Array; readonly count: number };
    result: number;
  };
  mapDump: { args: { readonly path: string }; result: MapEntries };
  mapCount: { args: { readonly path: string }; result: number };
  mapLookup: {
    args: { readonly path: string; readonly key: Uint8Array };
    result: Uint8Array | undefined;
  };
  linkCreate: {
    args: {
      readonly netns?: string;
      readonly ifindex: number;
      readonly attachType: TcxAttachType;
      readonly progPath: string;
      readonly pinPath: string;
    };
    result: undefined;
  };
  linkUpdate: { args: { readonly pinPath: string; readonly progPath: string }; result: undefined };
  linkInfo: { args: { readonly pinPath: string }; result: LinkInfo | undefined };
  progInfo: { args: { readonly path: string }; result: ProgInfo };
  progTestRun: {
    args: {
      readonly netns?: string;
      readonly progPath: string;
      readonly dataIn: Uint8Array;
      readonly ctxIn?: Uint8Array;
      readonly repeat?: number;
    };
    result: TestRunResult;
  };
  objPinExists: { args: { readonly path: string }; result: boolean };
  unlink: { args: { readonly path: string }; result: boolean };
  sysctl: {
    args: { readonly netns?: string; readonly entries: readonly SysctlEntry[] };
    result: number;
  };
  netnsInode: { args: { readonly path: string }; result: bigint | undefined };
  possibleCpus: { args: Record<never, never>; result: number };
  /**
   * Replaces the targets of probes. Those that stay keep their state, and their levels are reported again. Without a plan
   * the probes stop.
   */
  probe: { args: { readonly plan?: ProbePlan }; result: undefined };
}

export type OperationName = keyof Operations;

export type Request = {
  [Name in OperationName]: {
    readonly id: number;
    readonly op: Name;
    readonly args: Operations[Name]['args'];
  };
}[OperationName];

export interface WireError {
  readonly message: string;
  /** The errno's name if the kernel returned an error: `EEXIST`. */
  readonly code?: string;
}

export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: WireError };

/** A message of the child that is not an answer. */
export interface Event {
  readonly probes: ProbeReport;
}
