// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import { annotations } from '../../../api/names.ts';
import type { NamespacedMeta } from '../../../api/object-meta.ts';
import { peerSecretNameOf } from '../../../api/vpn-names.ts';
import { type FileMark, isDead } from '../../compile/vpn/file-mark.ts';
import type { DecidedPeer } from '../../compile/vpn/types.ts';

/** Name servers that are not asked through the tunnel. */
export function describeOutside(servers: readonly string[]): string {
  const [who, what] = servers.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return `${nameSome(servers)} ${who} not reached through the tunnel, and clients that need ${what} resolve no names`;
}

/** What has become of a peer's former file, and what to do. */
export function describeMark({ namespace, name }: NamespacedMeta, mark: FileMark): string {
  const fate = isDead(mark) ? 'does not work any more' : 'works as it did, without the change';
  const remove = `kubectl -n ${namespace} annotate secret ${peerSecretNameOf(name)} ${annotations.fileChanged}-`;
  return `${mark.entries.join(', ')} of the file changed at ${mark.at}; a file from before ${fate}. Give the peer its new file (kubectl heddle -n ${namespace} vpn show ${name}), then remove the mark: ${remove}`;
}

/** The peers of a VPN with a changed file. */
export function describeMarks(peers: readonly DecidedPeer[]): string {
  const marked = peers.filter(({ mark }) => mark);
  const dead = marked.filter(({ mark }) => mark && isDead(mark));
  const names = nameSome((dead.length > 0 ? dead : marked).map(({ peer }) => peer.metadata.name));
  const fate =
    dead.length > 0
      ? `the files that ${dead.length} of its peers may have do not work any more: ${names}`
      : `${marked.length} of its peers may have files without the last changes: ${names}`;
  return `After an edit, ${fate}. The conditions of each peer say what to do.`;
}
