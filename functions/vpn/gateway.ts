// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../../kube/base/clock.ts';
import type { Logger } from '../../kube/base/log.ts';
import type { Nft } from '../shared/nft/nft.ts';
import { formatReplacement, type Ruleset } from '../shared/nft/ruleset.ts';
import type { Tools } from '../shared/tools.ts';
import { Device, type WireGuardKind } from './device.ts';
import { DEVICE, TABLE } from './names.ts';
import type { GatewayState } from './render.ts';
import { applyRouting } from './routing.ts';
import { CLOSED } from './ruleset.ts';
import {
  advanceTakeover,
  beginTakeover,
  hushAnswered,
  NO_TAKEOVER,
  nextWordMs,
  speakTo,
  type Takeover,
  withoutConnected,
} from './takeover.ts';
import { commandsOf, type PeerChange, parseDump, planPeers, type WgDevice } from './wg.ts';

export interface GatewayOptions {
  readonly tools: Tools;
  readonly nft: Nft;
  readonly log: Logger;
  readonly clock: Clock;
  readonly applySysctls: () => Promise<void>;
}

/** The gateway in this namespace: applies the desired state, and begins the handshakes of a takeover. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #device: Device;
  #state: GatewayState | undefined;
  /** Commands of the ruleset in force. */
  #commands: string | undefined;
  #takeover: Takeover = NO_TAKEOVER;
  #cancelWord: (() => void) | undefined;
  /** Endpoints where this gateway heard from peers. */
  readonly #heard = new Map<string, string>();
  /** Runs one thing at a time: passes of the loop, and the steps of a takeover between them. */
  #turn: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { tools, log } = options;
    this.#device = new Device({ tools, log, onLost: () => void this.#recover() });
  }

  get role(): GatewayState['role'] {
    return this.#state?.role ?? 'Standby';
  }

  get wireGuard(): WireGuardKind | undefined {
    return this.#device.kind;
  }

  /** Lets no packet pass until the first state is known. */
  async close(): Promise<void> {
    await this.#filter(CLOSED);
  }

  /** Makes the namespace equal to the state. */
  apply(state: GatewayState): Promise<void> {
    return this.#inTurn(() => this.#apply(state));
  }

  /** What WireGuard reports now; undefined before the first state. */
  async look(): Promise<WgDevice | undefined> {
    if (this.#device.kind === undefined) return undefined;
    const device = parseDump(await this.#options.tools.run('wg', ['show', DEVICE, 'dump']));
    for (const { publicKey, endpoint, latestHandshake } of device.peers) {
      if (endpoint !== undefined && latestHandshake !== undefined) this.#heard.set(publicKey, endpoint);
    }
    return device;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelWord?.();
    this.#device.stop();
  }

  async #apply(state: GatewayState): Promise<void> {
    const before = this.#state;
    await this.#options.applySysctls();
    await this.#filter(state.ruleset);
    await this.#device.ensure();
    // A gateway that becomes standby takes its tunnel down before anything else.
    if (state.role === 'Standby') await this.#link(['down']);
    await this.#configure(state);
    await this.#addresses(state);
    if (state.role === 'Active') await this.#link(['up']);
    await applyRouting(this.#options.tools, { tenant: state.routes, own: state.ownRoutes });
    this.#state = state;
    if (state.role === 'Standby') this.#end();
    else if (before?.role !== 'Active') await this.#takeOver(state, before === undefined);
  }

  async #filter(ruleset: Ruleset): Promise<void> {
    const commands = formatReplacement(ruleset, TABLE);
    if (commands === this.#commands) return;
    await this.#options.nft.transact(commands);
    this.#commands = commands;
  }

  async #link(words: readonly string[]): Promise<void> {
    await this.#options.tools.run('ip', ['link', 'set', DEVICE, ...words]);
  }

  /** Sets key, port and peers. Only differences are written, so other peers are not disturbed. */
  async #configure(state: GatewayState): Promise<void> {
    const { tools } = this.#options;
    const current = (await this.look()) ?? { privateKey: undefined, listenPort: 0, peers: [] };
    if (current.privateKey !== state.privateKey) {
      await tools.runWith('wg', [state.privateKey], ([file]) => ['set', DEVICE, 'private-key', file!]);
    }
    if (current.listenPort !== state.listenPort) {
      await tools.run('wg', ['set', DEVICE, 'listen-port', String(state.listenPort)]);
    }
    await this.#change(planPeers(current.peers, state.peers));
  }

  async #change(changes: readonly PeerChange[]): Promise<void> {
    for (const { texts, args } of commandsOf(DEVICE, changes)) {
      await this.#options.tools.runWith('wg', texts, args);
    }
  }

  async #addresses({ addresses, mtu }: GatewayState): Promise<void> {
    const { tools } = this.#options;
    const text = await tools.run('ip', ['-j', 'addr', 'show', 'dev', DEVICE]);
    const [link] = JSON.parse(text) as readonly {
      readonly mtu: number;
      readonly addr_info: readonly { readonly local: string; readonly scope: string }[];
    }[];
    if (link?.mtu !== mtu) await this.#link(['mtu', String(mtu)]);
    const present = (link?.addr_info ?? [])
      .filter(({ scope }) => scope === 'global')
      .map(({ local }) => local);
    for (const address of addresses.filter((each) => !present.includes(each))) {
      await tools.run('ip', ['addr', 'add', address, 'dev', DEVICE]);
    }
    for (const address of present.filter((each) => !addresses.includes(each))) {
      await tools.run('ip', ['addr', 'del', address, 'dev', DEVICE]);
    }
  }

  /**
   * Begins a takeover if one is needed. `adopts`: this program has just started, and may have found an interface with
   * sessions.
   */
  async #takeOver(state: GatewayState, adopts: boolean): Promise<void> {
    const takeover = beginTakeover(state, new Date(this.#options.clock.now()));
    const device = adopts ? await this.look() : undefined;
    this.#takeover = withoutConnected(takeover, device?.peers ?? []);
    const peers = this.#takeover.waiting.size;
    if (peers > 0) this.#options.log.info({ peers }, 'active now: beginning handshakes with peers');
    await this.#speak(state);
  }

  async #speak(state: GatewayState): Promise<void> {
    await this.#change(speakTo(this.#takeover, state));
    const waitMs = nextWordMs(this.#takeover, new Date(this.#options.clock.now()));
    if (waitMs === undefined || this.#stopped) return;
    this.#cancelWord = this.#options.clock.after(waitMs, () => void this.#listenInTurn());
  }

  async #listenInTurn(): Promise<void> {
    try {
      await this.#inTurn(() => this.#listen());
    } catch (error) {
      this.#options.log.warn({ error }, 'could not begin handshakes with peers, trying again');
      if (!this.#stopped)
        this.#cancelWord = this.#options.clock.after(RETRY_MS, () => void this.#listenInTurn());
    }
  }

  /** Looks which peers have answered, and begins handshakes with the others again. */
  async #listen(): Promise<void> {
    const state = this.#state;
    if (state?.role !== 'Active' || this.#stopped) return;
    const device = await this.look();
    const after = advanceTakeover(this.#takeover, state, device?.peers ?? []);
    const hushed = hushAnswered(this.#takeover, after);
    const present = new Set(state.peers.map(({ publicKey }) => publicKey));
    await this.#change(hushed.filter(({ publicKey }) => present.has(publicKey)));
    this.#takeover = after;
    await this.#speak(state);
  }

  #end(): void {
    this.#cancelWord?.();
    this.#takeover = NO_TAKEOVER;
  }

  /** Restores the interface after its program has ended: applies the whole state again, and contacts every peer. */
  async #recover(): Promise<void> {
    const state = this.#state;
    if (!state || this.#stopped) return;
    try {
      await this.#inTurn(async () => {
        this.#state = undefined;
        await this.#apply({ ...state, endpoints: new Map([...state.endpoints, ...this.#heard]) });
      });
    } catch (error) {
      this.#options.log.error({ error }, 'the tunnel could not be restored, trying again');
      this.#state ??= state;
      this.#options.clock.after(RETRY_MS, () => void this.#recover());
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

const RETRY_MS = 1000;
