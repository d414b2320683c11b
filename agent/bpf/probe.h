/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Forwards the agent's probes and heartbeats, and counts their answers. A probe enters an instance by its chain0 and must
 * leave by it again; a heartbeat goes to another node's kernel, which sends it back.
 */
#ifndef HEDDLE_PROBE_H
#define HEDDLE_PROBE_H

#include <linux/udp.h>

#include "steer.h"

#define HEARTBEAT_VNI 0 /* no network has it */

struct probe_payload { /* PROBE_PAYLOAD bytes, little endian */
	__u32 round;
	__u64 sent;
	struct address vtep;
} __attribute__((packed));

static __always_inline int load_payload(struct __sk_buff *skb, struct probe_payload *out)
{
	__u32 headers = skb->protocol == bpf_htons(ETH_P_IP) ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);

	return bpf_skb_load_bytes(skb, ETH_HLEN + headers + sizeof(struct udphdr), out, PROBE_PAYLOAD);
}

static __always_inline void count_answer(struct probe *probe, const struct probe_payload *payload)
{
	__u64 taken = bpf_ktime_get_ns() - payload->sent;

	if (!probe)
		return;
	probe->round = payload->round;
	probe->last_nanoseconds = taken;
	__sync_fetch_and_add(&probe->answered, 1);
	__sync_fetch_and_add(&probe->nanoseconds, taken);
}

/* Counts a probe that has left its instance: the instance forwards. The probe ends here, and does not count as dropped. */
static __always_inline int count_probe(struct __sk_buff *skb, __u32 instance)
{
	struct probe_key key = {.instance = instance, .family = skb->protocol == bpf_htons(ETH_P_IP) ? 4 : 6};
	struct probe_payload payload;

	if (!is_ip(skb) || load_payload(skb, &payload))
		return drop(skb, DROP_MALFORMED);
	count_answer(bpf_map_lookup_elem(&probes, &key), &payload);
	return TC_ACT_SHOT;
}

/* Sends a probe or heartbeat that the agent has written to the probe device; only the agent writes to it. */
static __always_inline int send_probe(struct __sk_buff *skb)
{
	struct context context = {};
	struct probe_payload payload;
	const struct instance *instance;
	struct ethhdr eth;
	__u32 id;

	if (bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)) || eth.h_dest[0] != CTX_MAC_TO)
		return TC_ACT_SHOT; /* the kernel's own messages on a new device, such as MLD reports */
	id = decode_mac(eth.h_dest, &context);
	if (!context.is_probe || !is_ip(skb))
		return drop(skb, DROP_MALFORMED);
	if (!id) {
		struct address vtep;

		if (load_payload(skb, &payload))
			return drop(skb, DROP_MALFORMED);
		vtep = payload.vtep;
		return send_to_node(skb, HEARTBEAT_VNI, &vtep, !is_mapped_v4(&vtep));
	}
	instance = bpf_map_lookup_elem(&instances, &id);
	if (!instance || !instance->ifindex)
		return TC_ACT_SHOT; /* the instance was removed a moment ago */
	return redirect_to_peer(skb, instance->ifindex, encode_mark(&context));
}

/* Handles a heartbeat frame from another node: returns that node's heartbeat, or counts the answer to one of ours. */
static __always_inline int receive_heartbeat(struct __sk_buff *skb, const struct address *vtep)
{
	struct context context = {};
	struct probe_payload payload;
	__u8 answer[ETH_ALEN];
	struct ethhdr eth;

	if (bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)) || eth.h_dest[0] != CTX_MAC_TO || !is_ip(skb))
		return drop(skb, DROP_MALFORMED);
	decode_mac(eth.h_dest, &context);
	if (!context.is_probe)
		return drop(skb, DROP_UNKNOWN_NETWORK);
	if (context.is_reply) {
		if (load_payload(skb, &payload))
			return drop(skb, DROP_MALFORMED);
		count_answer(bpf_map_lookup_elem(&peers, vtep), &payload);
		return TC_ACT_SHOT;
	}
	context.is_reply = 1;
	encode_mac(answer, CTX_MAC_TO, &context, 0);
	if (write_macs(skb, answer, eth.h_source))
		return drop(skb, DROP_MALFORMED);
	return send_to_node(skb, HEARTBEAT_VNI, vtep, !is_mapped_v4(vtep));
}

#endif
