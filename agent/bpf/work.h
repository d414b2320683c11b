/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * What a program works with for one packet, from its path to the key of its flow.
 */
#ifndef HEDDLE_WORK_H
#define HEDDLE_WORK_H

#include "classify.h"

/* All that a program works with for one packet. It lives in a per-CPU map: a program's stack has 512 bytes, and no
 * two of ours run on one CPU at once (they run in softirq, or with bottom halves off, and none calls another). */
struct work {
	struct path_view path __attribute__((aligned(8))); /* as it was when the packet came */
	struct packet packet;
	struct flow_key key;
	struct match match;     /* what the classifier said */
	struct context context; /* where the packet goes next: the hop to try first */
	__u32 vni;
	__u16 emitter;          /* the instance that it comes from; 0: a pod */
	__u8 emitter_position;  /* of its hop; of a pod that answers: behind the last one */
	__u8 source_is_low;     /* of the key: whether the flow's source is `low` */
	__u8 has_key;           /* of a pod's packet: the key was made before its path was known */
	__u8 source_mac[6];
	struct end_key end_key; /* of flows whose addresses a function changes, and a copy of the entry: see read_end */
	struct end end;
};
MAP(scratch, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct work, 1, 0);

static __always_inline struct work *begin_work(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

/* The path as it is now, for all that is done to this packet. */
static __always_inline const struct path_view *find_path(struct work *work, __u32 id)
{
	const struct path *found = bpf_map_lookup_elem(&paths, &id);

	if (!found)
		return 0;
	*(__u64 *)&work->path = READ_ONCE(*(const __u64 *)found); /* PATH_FIELDS: they belong together */
	work->path.epoch = found->epoch;
	return &work->path;
}

/* A subprogram: it is the cold path, and so the enum stands in BTF for the agent to name its counters by. */
static __noinline void count_event(enum path_event event)
{
	__u32 key = event;
	__u64 *count = bpf_map_lookup_elem(&events, &key);

	if (count)
		(*count)++;
}

/* Fragments of one packet look alike on all segments of a path, but the ports of a first one may not. A subprogram:
 * what it keeps on the stack is gone when steering begins. */
static __noinline enum drop_reason parse_work(struct __sk_buff *skb, struct work *work)
{
	__u32 place = work->emitter ? 1 + work->emitter_position + (work->context.is_reply ? MAX_HOPS : 0) : 0;

	return parse_packet(skb, bpf_ntohs(skb->protocol), work->vni | place << 24, &work->packet);
}

/* Fills the key of the flow's pins, apart from the segment. */
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
