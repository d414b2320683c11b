import { createHash } from 'node:crypto';

/**
 * The MAC of an attachment: 06 and five bytes that follow from network, pod and interface, so that two leaders
 * would choose the same one. `attempt` gives another when that one is taken.
 */
export function renderMac(options: {
  readonly vni: number;
  readonly podUid: string;
  readonly interfaceName: string;
  readonly attempt: number;
}): string {
  const { vni, podUid, interfaceName, attempt } = options;
  const hash = createHash('sha256').update(`${vni}|${podUid}|${interfaceName}|${attempt}`).digest('hex');
  return `06:${pairs(hash.slice(0, 10))}`;
}

function pairs(hex: string): string {
  return hex.match(/../g)!.join(':');
}
