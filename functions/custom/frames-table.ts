import { frameInterfaces } from '../../operator/api/index.ts';

export const FRAMES_TABLE = 'netdev heddle';

/** Of the mark on the way in: bit 31, the packet is a chain's; bit 30, it is an agent's probe. */
const ENTERING = 'meta mark & 0xc0000000 == 0x80000000 counter name "in"';
/** On the way out the address says it (`0a`, and no probe): a program that writes frames itself sets no mark. */
const LEAVING = '@ll,0,16 & 0xff80 == 0x0a00 counter name "out"';

/** Until the spec is known, nothing goes in. */
export const FRAMES_CLOSED = renderTable('drop');

/** What goes into each interface and out of it is counted, unless it is a probe. */
export const FRAMES_OPEN = renderTable(ENTERING);

function renderTable(entering: string): string {
  const hook = (name: string, direction: 'ingress' | 'egress', rule: string): readonly string[] => [
    `\tchain ${direction}-${name} {`,
    `\t\ttype filter hook ${direction} device "${name}" priority -445; policy accept;`,
    `\t\t${rule}`,
    '\t}',
  ];
  return [
    `table ${FRAMES_TABLE} { }`,
    `delete table ${FRAMES_TABLE}`,
    `table ${FRAMES_TABLE} {`,
    '\tcounter in { }',
    '\tcounter out { }',
    ...frameInterfaces.flatMap((name) => [
      ...hook(name, 'ingress', entering),
      ...hook(name, 'egress', LEAVING),
    ]),
    '}',
    '',
  ].join('\n');
}

/** A conversation pauses: keepalives come every 15 to 25 seconds. */
export const QUIET_MS = 30_000;

/** Whether nothing has come for a while, by a counter that is looked at again and again. */
export class Quiet {
  readonly #afterMs: number;
  #last: { readonly at: number; readonly packets: number } | undefined;

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  look(now: number, packets: number): boolean {
    if (this.#last?.packets !== packets) this.#last = { at: now, packets };
    return now - this.#last.at >= this.#afterMs;
  }
}
