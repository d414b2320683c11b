export type * from './generated/types.ts';
export * from './names.ts';
export type * from './objects.ts';
