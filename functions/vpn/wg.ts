// SPDX-License-Identifier: Apache-2.0
/** A peer, as WireGuard reports it. */
export interface WgPeer {
  readonly publicKey: string;
  readonly presharedKey: string | undefined;
  readonly endpoint: string | undefined;
  readonly allowedIPs: readonly string[];
  /** Seconds since 1970; undefined when there was no handshake. */
  readonly latestHandshake: number | undefined;
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** An interface, as WireGuard reports it. */
export interface WgDevice {
  readonly privateKey: string | undefined;
  readonly listenPort: number;
  readonly peers: readonly WgPeer[];
}

/** Pure: parses the output of `wg show wg0 dump`. */
export function parseDump(text: string): WgDevice {
  const [first = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const [privateKey, , listenPort] = first.split('\t');
  return {
    privateKey: present(privateKey),
    listenPort: numberOf(listenPort),
    peers: lines.map((line) => parsePeer(line.split('\t'))).filter(({ publicKey }) => publicKey !== ''),
  };
}

function parsePeer(fields: readonly string[]): WgPeer {
  const [publicKey = '', presharedKey, endpoint, allowedIPs, handshake, rx, tx] = fields;
  return {
    publicKey,
    presharedKey: present(presharedKey),
    endpoint: present(endpoint),
    allowedIPs: (present(allowedIPs) ?? '').split(',').filter(Boolean),
    latestHandshake: numberOf(handshake) || undefined,
    rxBytes: numberOf(rx),
    txBytes: numberOf(tx),
  };
}

/** 0 for what is no number: a report with one would be no report, and the gateway would count as gone. */
function numberOf(text: string | undefined): number {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
}

function present(text: string | undefined): string | undefined {
  return text === undefined || text === '(none)' ? undefined : text;
}

/** The desired state of a peer. */
export interface WantedPeer {
  readonly publicKey: string;
  readonly presharedKey: string | undefined;
  readonly allowedIPs: readonly string[];
}

/** One change of one peer. */
export type PeerChange =
  | { readonly kind: 'Remove'; readonly publicKey: string }
  /** An undefined field stays as it is; a presharedKey of null is removed. */
  | {
      readonly kind: 'Set';
      readonly publicKey: string;
      readonly presharedKey?: string | null;
      readonly allowedIPs?: readonly string[];
      readonly endpoint?: string;
      readonly keepalive?: number;
    };

/**
 * Pure: the changes that turn the peers of the interface into the wanted ones. Peers that are right are not named, so
 * their sessions and their packets are not disturbed. Removals come first: an address that moves to another peer
 * belongs to no peer for a moment, and never to two.
 */
export function planPeers(current: readonly WgPeer[], wanted: readonly WantedPeer[]): readonly PeerChange[] {
  const before = new Map(current.map((peer) => [peer.publicKey, peer]));
  const after = new Set(wanted.map(({ publicKey }) => publicKey));
  const gone = current.filter(({ publicKey }) => !after.has(publicKey));
  return [
    ...gone.map(({ publicKey }): PeerChange => ({ kind: 'Remove', publicKey })),
    ...wanted.flatMap((peer) => changeOf(before.get(peer.publicKey), peer) ?? []),
  ];
}

function changeOf(before: WgPeer | undefined, peer: WantedPeer): PeerChange | undefined {
  const { publicKey, allowedIPs } = peer;
  const newKey = before?.presharedKey !== peer.presharedKey;
  const newRanges = !before || !sameRanges(before.allowedIPs, allowedIPs);
  if (!newKey && !newRanges) return before ? undefined : { kind: 'Set', publicKey, allowedIPs };
  return {
    kind: 'Set',
    publicKey,
    ...(newKey ? { presharedKey: peer.presharedKey ?? null } : {}),
    ...(newRanges ? { allowedIPs } : {}),
  };
}

function sameRanges(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().join() === [...b].sort().join();
}

/** A command for `wg`: its arguments, and the texts of the files that some of them name. */
export interface WgCommand {
  readonly texts: readonly string[];
  readonly args: (paths: readonly string[]) => readonly string[];
}

/** The number of peers that fit into one command with the longest lists of ranges that the API allows. */
const PEERS_PER_COMMAND = 20;

/** Pure: changes as commands for `wg`. */
export function commandsOf(device: string, changes: readonly PeerChange[]): readonly WgCommand[] {
  const commands: WgCommand[] = [];
  for (let from = 0; from < changes.length; from += PEERS_PER_COMMAND) {
    commands.push(commandOf(device, changes.slice(from, from + PEERS_PER_COMMAND)));
  }
  return commands;
}

function commandOf(device: string, changes: readonly PeerChange[]): WgCommand {
  const secret = changes.flatMap((change) =>
    change.kind === 'Set' && change.presharedKey ? [[change.publicKey, change.presharedKey] as const] : [],
  );
  return {
    texts: secret.map(([, key]) => key),
    args: (paths) => {
      const files = new Map(secret.map(([publicKey], index) => [publicKey, paths[index]!]));
      return ['set', device, ...changes.flatMap((change) => argsOf(change, files.get(change.publicKey)))];
    },
  };
}

function argsOf(change: PeerChange, file: string | undefined): readonly string[] {
  const peer = ['peer', change.publicKey];
  if (change.kind === 'Remove') return [...peer, 'remove'];
  return [
    ...peer,
    // An empty file removes the key.
    ...(change.presharedKey === undefined ? [] : ['preshared-key', file ?? '/dev/null']),
    ...(change.endpoint === undefined ? [] : ['endpoint', change.endpoint]),
    ...(change.keepalive === undefined ? [] : ['persistent-keepalive', String(change.keepalive)]),
    ...(change.allowedIPs === undefined ? [] : ['allowed-ips', change.allowedIPs.join(',')]),
  ];
}
