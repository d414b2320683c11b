import type { Family } from './facts.ts';

export function familyOf(text: string): Family {
  return text.includes(':') ? 6 : 4;
}
