/* SPDX-License-Identifier: Apache-2.0
 * Who opened a flow? Only asked where a chain takes the same pair of addresses both ways (from: any, to: any):
 * there the classifier alone cannot tell a reply from a request, and the functions' order depends on it.
 */
#ifndef HEDDLE_OPENER_H
#define HEDDLE_OPENER_H

#include "context.h"

#define TCP_FLAGS_OFFSET 13
#define TCP_SYN 0x02
#define TCP_ACK 0x10

always_inline int compare(const struct address *a, const struct address *b)
{
	for (int i = 0; i < 4; i++) {
		if (a->word[i] != b->word[i])
			return a->word[i] < b->word[i] ? -1 : 1;
	}
	return 0;
}

/* Fills the key; returns whether the packet's flow source is the `low` end. */
always_inline int make_flow_key(__u32 path, const struct packet *packet, struct flow_key *key)
{
	int order = compare(&packet->flow_source, &packet->flow_destination);
	int source_is_low = order < 0 || (order == 0 && packet->source_port <= packet->destination_port);

	key->path = path;
	key->protocol = packet->protocol;
	key->low = source_is_low ? packet->flow_source : packet->flow_destination;
	key->high = source_is_low ? packet->flow_destination : packet->flow_source;
	key->low_port = source_is_low ? packet->source_port : packet->destination_port;
	key->high_port = source_is_low ? packet->destination_port : packet->source_port;
	return source_is_low;
}

always_inline void remember_opener(__u32 path, const struct packet *packet, int source_opened)
{
	struct flow_key key = {};
	struct flow flow = {};
	int source_is_low = make_flow_key(path, packet, &key);
	const struct flow *known = bpf_map_lookup_elem(&flows, &key);

	flow.opener_is_low = source_opened ? source_is_low : !source_is_low;
	if (known && known->opener_is_low == flow.opener_is_low)
		return; /* a look-up is much cheaper than an insertion, and marks the entry as used */
	bpf_map_update_elem(&flows, &key, &flow, BPF_ANY);
}

/* Whether this packet goes against the flow that its tuple belongs to. Unknown flows are opened by it. */
always_inline int is_reply_of_flow(__u32 path, const struct packet *packet, int is_bare_syn)
{
	struct flow_key key = {};
	int source_is_low = make_flow_key(path, packet, &key);
	const struct flow *known = bpf_map_lookup_elem(&flows, &key);

	if (!known || is_bare_syn) { /* a bare SYN opens anew: table entries outlive connections */
		if (!packet->is_icmp_error)
			remember_opener(path, packet, 1);
		return packet->is_icmp_error;
	}
	return known->opener_is_low ? !source_is_low : source_is_low;
}

always_inline int is_bare_syn(struct __sk_buff *skb, const struct packet *packet)
{
	__u8 flags;

	if (packet->protocol != IPPROTO_TCP || packet->is_icmp_error || !packet->transport ||
	    bpf_skb_load_bytes(skb, packet->transport + TCP_FLAGS_OFFSET, &flags, sizeof(flags)))
		return 0;
	return (flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

#endif
