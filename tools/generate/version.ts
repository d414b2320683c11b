// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';

/** The version of package.json as a constant that every program carries. */
export async function renderVersion(packageFile: string): Promise<string> {
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
  return `// Generated from package.json by \`npm run generate\`. Do not edit.\n// SPDX-License-Identifier: Apache-2.0\n\n/** The release that this program is of. */\nexport const release = '${version}';\n`;
}

/** The chart with the version of package.json: chart and programs are released together. */
export async function renderChartVersion(packageFile: string, chartFile: string): Promise<string> {
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
  const chart = await readFile(chartFile, 'utf8');
  for (const field of ['version', 'appVersion']) {
    if (!new RegExp(`^${field}: `, 'm').test(chart)) throw new Error(`${chartFile} has no ${field}`);
  }
  return chart
    .replace(/^version: .*$/m, `version: ${version}`)
    .replace(/^appVersion: .*$/m, `appVersion: ${version}`);
}
