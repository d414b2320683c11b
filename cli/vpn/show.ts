// SPDX-License-Identifier: Apache-2.0
import { type Condition, findCondition } from '../../api/conditions.ts';
import { plainLines } from '../../api/plain-text.ts';
import { peerEntries, peerSecretNameOf } from '../../api/vpn-names.ts';
import type { Vpn, VpnPeer } from '../../api/vpn-objects.ts';
import { isNotFound } from '../../kube/api-error.ts';
import { UsageError } from '../../kube/base/flags.ts';
import { objectPath, resources } from '../../kube/resource.ts';
import type { Secret } from '../../kube/wire.ts';
import type { Cluster } from '../cluster.ts';
import { Complaint, complainOf } from '../complaint.ts';
import type { Session } from '../verb.ts';
import { drawQr } from './qr.ts';
import { namespaceOf } from './scope.ts';

/** Prints the config file of a peer, or draws it as a QR code. */
export async function show(session: Session, name: string): Promise<number> {
  const { cluster, common, flags, write } = session;
  if (flags.qr === true && common.output === 'json') {
    throw new UsageError('--qr draws for a camera, --output json is for programs: leave one out');
  }
  const namespace = namespaceOf(session);
  const peer = await findPeer(cluster, namespace, name);
  const secret = await findSecret(cluster, namespace, peerSecretNameOf(name));
  const data = secret?.data?.[peerEntries.file];
  if (data === undefined) throw new Complaint(await whyNoFile(cluster, peer));
  const file = withRemark(plainLines(Buffer.from(data, 'base64').toString('utf8')), peer);
  if (common.output === 'json') {
    write(`${JSON.stringify({ namespace, peer: name, vpn: peer.spec.vpn, file }, null, 2)}\n`);
  } else if (flags.qr === true) {
    write(drawFile(file, peer, session.terminal));
  } else {
    write(file);
  }
  return 0;
}

/**
 * Pure: the QR code of a file without its comments, which a phone would not show. Comments that say why the peer
 * cannot connect, or what its holder should know, are printed below.
 */
function drawFile(file: string, peer: VpnPeer, coloured: boolean): string {
  const { namespace, name } = peer.metadata;
  if (peer.spec.publicKey !== undefined) {
    throw new Complaint(
      `VPNPeer ${namespace}/${name} has spec.publicKey: its file lacks the private key, which only its owner has; leave --qr out and put the key into the file`,
    );
  }
  const lines = file.split('\n');
  const remarks = lines.filter(isRemark);
  const code = drawQr(lines.filter((line) => !line.startsWith('#')).join('\n'), { coloured });
  return [code, ...remarks.map((line) => `${line.slice(2)}\n`)].join('');
}

async function findPeer(cluster: Cluster, namespace: string, name: string): Promise<VpnPeer> {
  const query = { fieldSelector: `metadata.name=${name}` };
  const [peer] = await cluster.list<VpnPeer>(resources.vpnPeers, { namespace, query });
  if (!peer) throw new Complaint(`there is no VPNPeer ${namespace}/${name}; vpn peers -A lists them all`);
  return peer;
}

async function findSecret(cluster: Cluster, namespace: string, name: string): Promise<Secret | undefined> {
  try {
    const path = objectPath({ resource: resources.secrets, name, namespace });
    return await cluster.transport.request<Secret>('GET', path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw complainOf(error, { verb: 'get', resource: 'secrets', namespace });
  }
}

/** What a comment in a file begins with that says what a condition says. */
const REMARKS = { Ready: 'Not now', DnsRouted: 'DNS', FileCurrent: 'Changed' } as const;

/** Pure: adds comments to the file of a peer: why it cannot connect, and what its holder should know. */
export function withRemark(file: string, peer: Pick<VpnPeer, 'status'>): string {
  const remarks = Object.entries(REMARKS).flatMap(([type, word]) => {
    const found = findCondition(conditionsOf(peer), type);
    return found?.status === 'False' ? [`# ${word}: ${oneLine(found.message)}\n`] : [];
  });
  return [...remarks, file].join('');
}

function isRemark(line: string): boolean {
  return Object.values(REMARKS).some((word) => line.startsWith(`# ${word}: `));
}

async function whyNoFile(cluster: Cluster, peer: VpnPeer): Promise<string> {
  const { name, namespace } = peer.metadata;
  const query = { fieldSelector: `metadata.name=${peer.spec.vpn}` };
  const [vpn] = await cluster.list<Vpn>(resources.vpns, { namespace, query });
  const reason = explain(peer) ?? (vpn && explain(vpn)) ?? 'the operator has not made it yet; try again';
  return `VPNPeer ${namespace}/${name} has no file: ${reason}`;
}

/** Conditions for lack of which a peer is never without a file. */
const OTHERS: readonly string[] = ['Programmed', 'DnsRouted', 'FileCurrent', 'FilesCurrent'];

/** Pure: the first condition that is not as it should be, since later ones depend on it. */
function explain(object: { readonly kind: string } & Pick<VpnPeer | Vpn, 'status'>): string | undefined {
  const wrong = conditionsOf(object).find(({ status, type }) => status === 'False' && !OTHERS.includes(type));
  return wrong && `${object.kind}, ${wrong.type} (${wrong.reason}): ${oneLine(wrong.message)}`;
}

function conditionsOf({ status }: Pick<VpnPeer | Vpn, 'status'>): readonly Condition[] {
  return (status?.conditions ?? []) as readonly Condition[];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
