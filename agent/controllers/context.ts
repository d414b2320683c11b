// SPDX-License-Identifier: Apache-2.0
import type { Writer } from '../../kube/apply.ts';
import type { Logger } from '../../kube/base/log.ts';
import type { DataPath } from '../apply/datapath.ts';
import type { DataPathMaps } from '../apply/maps.ts';
import type { Health } from '../health/health.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { LocalState } from '../observe/local.ts';
import type { AgentStores } from '../observe/stores.ts';
import type { NodeFacts } from '../render/attachment.ts';
import type { Applied } from './applied.ts';

/** The parts of the agent that every reconcile pass uses. */
export interface AgentContext {
  readonly stores: AgentStores;
  readonly local: LocalState;
  readonly applied: Applied;
  readonly health: Health;
  readonly maps: DataPathMaps;
  readonly kernel: Kernel;
  readonly dataPath: DataPath;
  readonly writer: Writer;
  readonly node: NodeFacts;
  readonly log: Logger;
}
