// SPDX-License-Identifier: Apache-2.0
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { type GatewayConfig, parseGatewayConfig } from '../../../api/vpn-gateway.ts';
import { createNft } from '../../../functions/shared/nft/nft.ts';
import { createTools } from '../../../functions/shared/tools.ts';
import { readFacts } from '../../../functions/vpn/facts.ts';
import { Gateway } from '../../../functions/vpn/gateway.ts';
import { mtuComplaint, renderGateway } from '../../../functions/vpn/render.ts';
import { reportPeers } from '../../../functions/vpn/report.ts';
import { applySysctls } from '../../../functions/vpn/sysctls.ts';
import { systemClock } from '../../../kube/base/clock.ts';

/**
 * Runs a gateway's own code in a namespace of a test. Lines of input replace the API server. (`program.test.ts` tests
 * the whole program.) Its log goes to standard error.
 */
const tools = createTools();
const log = pino({ level: 'debug' }, pino.destination(2));
const pod = process.argv[2] ?? '';
const gateway = new Gateway({ tools, nft: createNft(), log, clock: systemClock, applySysctls });
let config: GatewayConfig | undefined;

await gateway.close();
console.log(JSON.stringify({ ready: true }));

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as { readonly config?: string; readonly privateKey?: string };
  try {
    console.log(JSON.stringify(await answer(request)));
  } catch (error) {
    console.log(JSON.stringify({ failed: String(error) }));
  }
}
gateway.stop();

async function answer(request: { readonly config?: string; readonly privateKey?: string }): Promise<unknown> {
  if (request.config === undefined) {
    return {
      role: gateway.role,
      wireGuard: gateway.wireGuard,
      peers: reportPeers(config, { role: gateway.role, device: await gateway.look(), now: new Date() }),
    };
  }
  config = parseGatewayConfig(request.config);
  const facts = await readFacts(tools);
  await gateway.apply(renderGateway({ config, privateKey: request.privateKey ?? '', facts, pod }));
  return { applied: true, mtu: mtuComplaint(config.mtu, facts) };
}
