/** Interfaces of pods: made, kept, and taken away. What they must be is decided in `agent/render/attachment.ts`. */
export { type Attached, type AttachOptions, attach, ForeignInterfaceError } from './attachment/attach.ts';
export { detach, type ObservedAttachment, observeAttachments, pruneLinks } from './attachment/detach.ts';
export { type BpfPaths, ensureLink, hostPin, podPin, type WantedLink } from './attachment/links.ts';
export { applyRoutes } from './attachment/routes.ts';
