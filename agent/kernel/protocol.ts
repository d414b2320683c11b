// SPDX-License-Identifier: Apache-2.0
/**
 * What the kernel's child process can be asked to do, and what it answers. Everything crosses a
 * process boundary, so these are plain values: no functions, no classes.
 */

/** A descriptor's number only exists inside the child: the path stands for it until the message is sent. */
export interface DescriptorPlaceholder {
  readonly offset: number;
  readonly kind: 'Netns' | 'Pin';
  readonly path: string;
}

/** One rtnetlink message, ready but for its sequence number and the numbers of descriptors. */
export interface NetlinkMessage {
  readonly bytes: Uint8Array;
  readonly descriptors: readonly DescriptorPlaceholder[];
  /** Names of errors that mean the wanted state is there already (EEXIST for an add, ENODEV for a get). */
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
  /** 0 when the device is gone: such a link holds nothing any more. */
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
  /** Left out where the kernel has no such switch. */
  readonly optional?: true;
}

/** One frame that is sent again and again, and where its answers are counted. */
export interface ProbeTarget {
  /** The caller's own name of it; a plan says each once. */
  readonly name: string;
  readonly frame: Uint8Array;
  /** Where the frame carries its round (u32) and the time that it was sent (u64, ns of CLOCK_MONOTONIC). */
  readonly stampAt: number;
  /** Pin of a hash map whose value begins with the last round that was answered (u32). */
  readonly map: string;
  readonly key: Uint8Array;
  /** Sent in each so manyth round. */
  readonly every: number;
  /** So many unanswered in a row are level 2. At least 2. */
  readonly misses: number;
}

export interface ProbePlan {
  /** Device of this node that the frames go out of. */
  readonly ifindex: number;
  readonly intervalMs: number;
  readonly targets: readonly ProbeTarget[];
}

/** 0: answers. 1: two in a row were not answered. 2: as many in a row as the target's `misses`. */
export type ProbeLevel = 0 | 1 | 2;

/** What the probes show anew. A target that has neither answered nor missed enough yet has no level. */
export interface ProbeReport {
  readonly levels: readonly (readonly [name: string, level: ProbeLevel])[];
  /** Why frames cannot be sent; empty: they can again. Such rounds count for nobody. */
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
   * From now on probes these targets, and no others; those that stay keep their count, and their levels are told again.
   * Without a plan it stops.
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
  /** The errno's name, when the kernel said no: `EEXIST`. */
  readonly code?: string;
}

export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: WireError };

/** What the child says unasked. */
export interface Event {
  readonly probes: ProbeReport;
}
