/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * The working state of a program for one packet, from its path to the key of its flow.
 */
#ifndef HEDDLE_WORK_H
#define HEDDLE_WORK_H

#include "classify.h"

/* The working state of a program for one packet. It is in a per-CPU map because a program's stack has 512 bytes only.
 * Invariant: two of our programs never run on one CPU at once. They run in softirq or with bottom halves disabled, and
 * none calls another. */
struct work {
	struct path_view path __attribute__((aligned(8))); /* the path at the time of find_path */
	struct packet packet;
	struct flow_key key;
	struct match match;     /* the result of the classifier */
	struct context context; /* where the packet goes next: the hop to try first */
	__u32 vni;
	__u16 emitter;          /* the instance that it comes from; 0: a pod */
	__u8 emitter_position;  /* position of the emitter's hop; for a pod: behind the last hop */
	__u8 source_is_low;     /* whether the flow's source is `low` in `key` */
	__u8 has_key;           /* a pod's packet: `key` was made before the path was known */
	__u8 source_mac[6];
	struct flow fresh;      /* an entry of `flows` to be */
	__u32 checked_at;       /* when the flow was found to be of its path, in ticks; 0: it was not */
	struct end_key end_key; /* key and copy of the flow's end, see read_end */
	struct end end;
	struct source_key source_key; /* key and copy of a source port, see read_source */
	struct source source;
	__u8 is_new_source;     /* the packet's flow has just got its port: its path is still to be stored */
	__u8 is_moved;          /* the packet's source port was changed */
};
MAP(scratch, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct work, 1, 0);

static __always_inline struct work *begin_work(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

/* Copies the path to `work->path`. All that is done to this packet uses the copy, so the agent may change the path
 * meanwhile. */
static __always_inline const struct path_view *find_path(struct work *work, __u32 id)
{
	const struct path *found = bpf_map_lookup_elem(&paths, &id);

	if (!found)
		return 0;
	*(__u64 *)&work->path = READ_ONCE(*(const __u64 *)found); /* all of PATH_FIELDS but the epoch, consistently */
	work->path.epoch = found->epoch;
	return &work->path;
}

/* The scope of fragments includes the segment: on different segments, fragments may have equal addresses and ids but
 * different ports. */
static __always_inline __u32 fragment_scope(const struct work *work)
{
	__u32 place = work->emitter ? 1 + work->emitter_position + (work->context.is_reply ? MAX_HOPS : 0) : 0;

	return work->vni | place << 24;
}

/* Parses a packet to `work->packet`. It is a subprogram so that its stack is free again when steering begins. A caller that
 * trusts the source of the packet calls keep_first_fragment then. */
static __noinline enum drop_reason parse_work(struct __sk_buff *skb, struct work *work)
{
	return parse_packet(skb, bpf_ntohs(skb->protocol), fragment_scope(work), &work->packet);
}

/* Whether an IPv6 packet has an IPv4 address in mapped form. The maps have IPv4 addresses in that form, so the packet would
 * be of an IPv4 flow; no host sends it. It is a subprogram because the verifier takes no longer parse_work. */
static __noinline int has_mapped_address(struct __sk_buff *skb, const struct work *work)
{
	return work && skb->protocol == bpf_htons(ETH_P_IPV6) &&
	       (is_mapped_v4(&work->packet.source) || is_mapped_v4(&work->packet.destination));
}

/* Stores the ports of `work->packet`, if it is the first fragment of several. */
static __noinline int keep_first_fragment(const struct work *work)
{
	if (work && work->packet.begins_fragments)
		keep_fragment(&work->packet, fragment_scope(work));
	return 0;
}

/* Fills `work->key` with the key of the flow's pins, except the segment. */
static __always_inline void make_flow_key(struct work *work)
{
	const struct packet *packet = &work->packet;
	struct flow_key *key = &work->key;
	int order = compare_addresses(&packet->flow_source, &packet->flow_destination);
	int source_is_low = order < 0 || (order == 0 && packet->source_port <= packet->destination_port);

	key->path = work->context.path;
	key->kind = FLOW_PIN;
	key->protocol = packet->protocol;
	key->low = source_is_low ? packet->flow_source : packet->flow_destination;
	key->high = source_is_low ? packet->flow_destination : packet->flow_source;
	key->low_port = source_is_low ? packet->source_port : packet->destination_port;
	key->high_port = source_is_low ? packet->destination_port : packet->source_port;
	work->source_is_low = source_is_low;
}

#endif
