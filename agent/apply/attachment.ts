// SPDX-License-Identifier: Apache-2.0
/** Interfaces of pods: made, kept, and taken away. What they must be is decided in `agent/render/attachment.ts`. */
export { type Attached, type AttachOptions, attach, ForeignInterfaceError } from './attachment/attach.ts';
export { detach, type ObservedAttachment, observeAttachments } from './attachment/detach.ts';
export { type BpfPaths, ensureLink, pruneLinks, type WantedLink } from './attachment/links.ts';
export { ensureProgram, upgradePrograms, type WantedProgram } from './attachment/programs.ts';
export { applyRoutes } from './attachment/routes.ts';
