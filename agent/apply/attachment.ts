// SPDX-License-Identifier: Apache-2.0
/** Makes, updates and removes the interfaces of pods, as `agent/render/attachment.ts` describes them. */
export {
  AddressTakenError,
  type Attached,
  type AttachOptions,
  attach,
  ForeignInterfaceError,
} from './attachment/attach.ts';
export { detach, type ObservedAttachment, observeAttachments } from './attachment/detach.ts';
export { type BpfPaths, ensureLink, pruneLinks, type WantedLink } from './attachment/links.ts';
export { ensureProgram, upgradePrograms, type WantedProgram } from './attachment/programs.ts';
