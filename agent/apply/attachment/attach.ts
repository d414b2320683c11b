// SPDX-License-Identifier: Apache-2.0
import { type Address, formatAddress, sameAddress } from '../../../api/net/address.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { NetlinkMessage } from '../../kernel/protocol.ts';
import {
  createVeth,
  deleteLink,
  getLink,
  type Link,
  parseLink,
  setLink,
  stopAddressGeneration,
} from '../../kernel/rtnetlink/link.ts';
import { type Attachment, aliasOf } from '../../render/attachment.ts';
import { diffPod } from './diff.ts';
import type { BpfPaths } from './links.ts';
import { ensureProgram, putProgram } from './programs.ts';
import { observePair, observePod, type PodState } from './state.ts';
import { turns } from './turns.ts';

/** The host side accepts frames of any size. With a smaller MTU the veth would drop them silently, before the program can
 * answer with an ICMP error. */
const HOST_MTU = 65_535;

export interface AttachOptions {
  readonly kernel: Kernel;
  readonly paths: Pick<BpfPaths, 'progsDir'>;
  readonly attachment: Attachment;
  /**
   * Called when the host side has its program, before any packet can flow: it must write the data path's entries
   * of this interface. If it rejects, the interface stays down.
   */
  readonly beforeUp?: (hostIfindex: number) => Promise<void>;
}

export interface Attached {
  readonly hostIfindex: number;
  /** Whether the pair was made just now. */
  readonly created: boolean;
}

/** The pod has another interface of the wanted name, which Heddle has not made. The pod must not start. */
export class ForeignInterfaceError extends Error {
  constructor(attachment: Attachment) {
    super(
      `interface ${attachment.interface} of pod ${attachment.podUid} exists already and was not made by Heddle: ` +
        'choose another interface name in the annotation k8s.v1.cni.cncf.io/networks (shop@net2)',
    );
    this.name = 'ForeignInterfaceError';
  }
}

/** The pod has an address of the interface already, on another one. The pod must not start. */
export class AddressTakenError extends Error {
  constructor(attachment: Attachment, address: Address) {
    super(
      `interface ${attachment.interface} of pod ${attachment.podUid} would have ${formatAddress(address)}, which the pod ` +
        'has already from its own network: the operator gives it another one, unless the annotation asks for this one',
    );
    this.name = 'AddressTakenError';
  }
}

interface Pair {
  readonly host: Link;
  readonly pod: Link;
  readonly created: boolean;
}

/**
 * Makes a pod's interface as the attachment describes it. Idempotent, also after the agent ended at any line: it
 * observes what exists and does what is missing. It fails closed: the host side has its program, which drops what
 * is not known, before the pod's side can send.
 */
export function attach(options: AttachOptions): Promise<Attached> {
  return turns.take(options.attachment.hostName, () => attachNow(options));
}

async function attachNow(options: AttachOptions): Promise<Attached> {
  const { kernel, attachment, beforeUp } = options;
  const pair = await ensurePair(kernel, attachment);
  if (pair.created) await ensurePrograms(options, pair);
  await beforeUp?.(pair.host.index);
  // A pair that is in use gets this release's programs only after their maps have its entries.
  if (!pair.created) await ensurePrograms(options, pair);
  // Requests are served in order; the answer to one need not come before the next is sent.
  await Promise.all([
    ensureHostSide(kernel, { attachment, host: pair.host }),
    ensurePodSide(kernel, { attachment, pair }),
  ]);
  return { hostIfindex: pair.host.index, created: pair.created };
}

async function ensurePair(kernel: Kernel, attachment: Attachment): Promise<Pair> {
  const state = await observePair(kernel, attachment);
  switch (state.kind) {
    case 'Paired':
      return { host: state.host, pod: state.pod, created: false };
    case 'Foreign':
      throw new ForeignInterfaceError(attachment);
    case 'Stale':
      await kernel.netlink({ messages: [deleteLink({ index: state.host.index })] });
      return createPair(kernel, attachment);
    case 'Absent':
      return createPair(kernel, attachment);
  }
}

async function createPair(kernel: Kernel, attachment: Attachment): Promise<Pair> {
  const { hostName, netnsPath, mtu } = attachment;
  const veth = createVeth({
    host: { name: hostName, mac: attachment.hostMac, mtu: HOST_MTU },
    peer: { name: attachment.interface, mac: attachment.mac, mtu },
    peerNetns: netnsPath,
  });
  const [[, hostAnswer], [podAnswer]] = await Promise.all([
    kernel.netlink({ messages: [veth, getLink({ name: hostName })] }).catch((error: unknown) => {
      // The kernel makes both ends at once. The name of the host side was free, so the name in the pod is in use.
      if (isKernelCode(error, 'EEXIST')) throw new ForeignInterfaceError(attachment);
      throw error;
    }),
    kernel.netlink({ netns: netnsPath, messages: [getLink({ name: attachment.interface })] }),
  ]);
  const host = hostAnswer?.[0];
  const pod = podAnswer?.[0];
  if (host === undefined || pod === undefined) {
    throw new Error(`${hostName}: the pair vanished while it was made; its pod has ended`);
  }
  return { host: parseLink(host), pod: parseLink(pod), created: true };
}

async function ensurePrograms(options: AttachOptions, pair: Pair): Promise<void> {
  const { kernel, attachment } = options;
  const { progsDir } = options.paths;
  const { programs, netnsPath: netns } = attachment;
  const put = pair.created ? putProgram : ensureProgram;
  const host = { ifindex: pair.host.index, direction: 'ingress', progsDir, name: programs.host } as const;
  const pod = { netns, ifindex: pair.pod.index, direction: 'egress', progsDir } as const;
  await Promise.all([
    put(kernel, host),
    programs.kind === 'Function' ? put(kernel, { ...pod, name: programs.pod }) : undefined,
  ]);
}

/** Switches for the host side: it gets no address of any kind, since it only hands packets to the program. */
async function ensureHostSide(kernel: Kernel, side: { attachment: Attachment; host: Link }): Promise<void> {
  const { attachment, host } = side;
  const alias = aliasOf(attachment.podUid, attachment.interface);
  if (host.up && host.alias === alias && host.mtu === HOST_MTU) return;
  await kernel.netlink({
    messages: [
      setLink({ index: host.index }, { alias, mtu: HOST_MTU }),
      stopAddressGeneration({ index: host.index }),
      setLink({ index: host.index }, { up: true }),
    ],
  });
}

async function ensurePodSide(kernel: Kernel, side: { attachment: Attachment; pair: Pair }): Promise<void> {
  const { attachment, pair } = side;
  const { netnsPath: netns } = attachment;
  const ifindex = pair.pod.index;
  const send = (messages: readonly NetlinkMessage[]) =>
    messages.length > 0 ? kernel.netlink({ netns, messages }) : undefined;
  // Requests are served in order. The size comes before the switches, since the kernel removes those of IPv6 from an
  // interface that is too small for it; the switches come before any address.
  const sized = send(linkChanges(attachment, pair.pod));
  const sysctls = kernel.sysctl({ netns, entries: attachment.sysctls });
  const changed = observePod(kernel, { attachment, ifindex, created: pair.created }).then((found) => {
    refuseTaken(attachment, { pod: pair.pod, found });
    const changes = diffPod(attachment, { ifindex, found });
    return send([...changes.beforeUp, ...upChanges(attachment, pair.pod), ...changes.afterUp]);
  });
  await Promise.all([sized, sysctls, changed]);
}

/**
 * An interface that is up stays, since its pod runs with it. An operator of the release before may give a pod one address on
 * two networks: then the order of the interfaces decides.
 */
function refuseTaken(
  attachment: Attachment,
  { pod, found }: { readonly pod: Link; readonly found: PodState },
): void {
  const has = (list: readonly Address[], address: Address) =>
    list.some((other) => sameAddress(other, address));
  const taken = attachment.addresses.find(
    ({ address }) => has(found.foreign, address) && !has(attachment.lookup?.mates ?? [], address),
  );
  if (taken && !pod.up) throw new AddressTakenError(attachment, taken.address);
}

function linkChanges(attachment: Attachment, pod: Link): NetlinkMessage[] {
  const ref = { index: pod.index };
  const messages = [];
  if (pod.mac?.value !== attachment.mac.value) messages.push(setLink(ref, { mac: attachment.mac }));
  if (pod.mtu !== attachment.mtu) messages.push(setLink(ref, { mtu: attachment.mtu }));
  return messages;
}

function upChanges(attachment: Attachment, pod: Link): NetlinkMessage[] {
  const ref = { index: pod.index };
  if (pod.up) return [];
  const up = setLink(ref, { up: true });
  return attachment.linkLocal ? [up] : [stopAddressGeneration(ref), up];
}

function isKernelCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
