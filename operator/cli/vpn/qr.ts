import { renderUnicodeCompact } from 'uqr';
import type { RenderQr } from './scope.ts';

/** Draws a text for a terminal, two rows in a line. A file for WireGuard is long, so with the least redundancy there is. */
export const renderQr: RenderQr = (text) => renderUnicodeCompact(text, { ecc: 'L', border: 2 });
