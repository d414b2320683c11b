import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { listFiles } from './files.ts';

/** The table of docs/architecture.md: a folder may import itself and what is listed, nothing else of ours. */
export interface FolderRule {
  readonly folder: string;
  readonly imports: readonly string[];
  /** Of these, only types: nothing of them runs here. */
  readonly types?: readonly string[];
  /** Pure code decides; it neither reads the world nor the clock. */
  readonly pure?: boolean;
}

const api = 'operator/api';
const runtime = 'operator/runtime';

export const folderRules: readonly FolderRule[] = [
  { folder: api, imports: [], pure: true },
  { folder: runtime, imports: [api] },
  { folder: 'operator/observe', imports: [runtime, api] },
  { folder: 'operator/compile', imports: [api], types: ['operator/observe'], pure: true },
  // Compile decides, status says it: never the other way round.
  { folder: 'operator/status', imports: ['operator/compile', api], pure: true },
  { folder: 'operator/apply', imports: [runtime, api] },
  { folder: 'operator/report', imports: [runtime, api] },
  { folder: 'operator/cleanup', imports: [runtime, api] },
  {
    folder: 'operator/cli',
    imports: ['operator/compile/function/names.ts', 'operator/compile/vpn/names.ts', runtime, api],
  },
  {
    folder: 'operator/controllers',
    imports: [
      'operator/observe',
      'operator/compile',
      'operator/status',
      'operator/apply',
      'operator/report',
      runtime,
      api,
    ],
  },
  { folder: 'operator', imports: ['operator'] },
  { folder: 'agent/nri', imports: [] },
  { folder: 'agent/render', imports: [api], pure: true },
  { folder: 'agent/kernel', imports: [] },
  {
    folder: 'agent/observe',
    imports: ['agent/render', 'agent/kernel', 'operator/observe/indexes.ts', runtime, api],
  },
  { folder: 'agent/apply', imports: ['agent/kernel', 'agent/render'] },
  { folder: 'agent/health', imports: ['agent/kernel', 'agent/render', runtime, api] },
  { folder: 'agent', imports: ['agent', runtime, api] },
  { folder: 'functions/shared', imports: [runtime, api] },
  { folder: 'functions/firewall', imports: ['functions/shared', runtime, api] },
  { folder: 'functions/loadbalancer', imports: ['functions/shared', runtime, api] },
  { folder: 'functions/custom', imports: ['functions/shared', runtime, api] },
  {
    folder: 'functions/vpn',
    imports: ['functions/shared', 'operator/compile/vpn/names.ts', runtime, api],
  },
];

/** Packages that only one folder may import, because they reach past JavaScript. */
const exclusive: Readonly<Record<string, string>> = { koffi: 'agent/kernel' };

/** What pure code may import besides ours: computation, no I/O. */
const pureModules: ReadonlySet<string> = new Set(['node:crypto', 'node:util', 'node:assert', 'ipaddr.js']);
const impure =
  /\b(Date\.now\(|new Date\(\)|Math\.random\(|process\.|performance\.now\(|setTimeout\(|setInterval\()/;

const importPattern =
  /(?:^|\n)\s*(?:import|export)\b(\s+type\b)?[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g;

export interface Import {
  readonly module: string;
  readonly typeOnly: boolean;
}

/** Pure: the modules that a source file names. */
export function parseImports(source: string): readonly Import[] {
  return [...source.matchAll(importPattern)].map((match) => ({
    module: match[2] ?? match[3] ?? match[4] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}

/** Pure: what is wrong with the imports of one file, given as a path from the root of the repository. */
export function findViolations(file: string, source: string): readonly string[] {
  const rule = ruleOf(file);
  if (!rule) return [`${file}: its folder is not in the table of docs/architecture.md and check-imports.ts`];
  const problems = parseImports(source).flatMap((found) => violation(file, rule, found) ?? []);
  const clock = rule.pure ? impure.exec(stripComments(source)) : null;
  return clock ? [...problems, `${file}: pure code uses ${clock[1]}: take it as an argument`] : problems;
}

function violation(file: string, rule: FolderRule, found: Import): string | undefined {
  const { module, typeOnly } = found;
  if (module.startsWith('.')) {
    const target = normalize(join(dirname(file), module));
    const allowed = [rule.folder, ...rule.imports, ...(typeOnly ? (rule.types ?? []) : [])];
    if (allowed.some((folder) => isBelow(target, folder))) return undefined;
    return `${file}: ${rule.folder} may not import ${target} (only ${rule.imports.join(', ') || 'itself'})`;
  }
  const owner = exclusive[module];
  if (owner && !isBelow(file, owner)) return `${file}: only ${owner} may import ${module}`;
  if (rule.pure && !typeOnly && !pureModules.has(module))
    return `${file}: pure code may not import ${module}`;
  return undefined;
}

/** The most specific rule speaks: `operator/compile/...` before `operator`. */
function ruleOf(file: string): FolderRule | undefined {
  return folderRules
    .filter((rule) => isBelow(file, rule.folder))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function stripComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|(^|[^:])\/\/.*/g, '$1');
}

/** Reads every source file of the product and reports what breaks the table. */
export function checkImports(root: string): readonly string[] {
  const files = ['operator', 'agent', 'functions'].flatMap((folder) =>
    listFiles(join(root, folder)).map((file) => join(folder, file)),
  );
  const sources = files.filter((file) => file.endsWith('.ts'));
  if (sources.length === 0)
    throw new Error('no source file was found: the check of imports looks at nothing');
  return sources.flatMap((file) => findViolations(file, readFileSync(join(root, file), 'utf8')));
}
