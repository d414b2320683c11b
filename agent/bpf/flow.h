/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * What is remembered of a flow on one segment of its path: the instances on both sides (so that it keeps them in both
 * directions, whatever else comes or goes), and who opened it where the classifier alone cannot tell.
 */
#ifndef HEDDLE_FLOW_H
#define HEDDLE_FLOW_H

#include "choose.h"

/* A function that was frozen, or goes, lets go what it held: flows that live elsewhere by now do not follow. */
static __always_inline int is_unwanted(__u16 id)
{
	__u32 key = id;
	const struct instance *instance = bpf_map_lookup_elem(&instances, &key);

	return instance && instance->flags & (INSTANCE_F_DOWN | INSTANCE_F_LEAVING);
}

/* One side of a pin. A write of one aligned word, where the entry stands: should the kernel have given its memory to
 * another flow since the look-up, that flow's pin names this instance, and moves if it may. */
static __always_inline void set_side(__u16 *side, __u16 id)
{
	if (id && *side != id && !is_unwanted(id)) /* writing costs the other CPUs their cache line */
		*side = id;
}

static __always_inline __u32 opener_flags(int opener_is_low)
{
	return FLOW_F_OPENER_KNOWN | (opener_is_low ? FLOW_F_OPENER_IS_LOW : 0);
}

/* Keeps the pin of the segment of `work->key`: the instance behind the packet and the one ahead; 0: not known. Returns
 * whether the flow is new there. */
static __always_inline int remember(const struct work *work, __u16 behind, __u16 ahead)
{
	struct flow *known = bpf_map_lookup_elem(&flows, &work->key);
	struct flow fresh = {
		.left = work->context.is_reply ? ahead : behind,
		.right = work->context.is_reply ? behind : ahead,
		.flags = opener_flags(work->source_is_low),
	};

	if (known) {
		if (work->packet.is_bare_syn && known->flags != fresh.flags)
			known->flags = fresh.flags;
		set_side(&known->left, fresh.left);
		set_side(&known->right, fresh.right);
		return 0;
	}
	if (work->packet.is_icmp_error)
		return 0; /* it tells nothing of a flow that nobody knows */
	count_event(EVENT_FLOW_ADDED);
	bpf_map_update_elem(&flows, &work->key, &fresh, BPF_ANY);
	return 1;
}

/* The segment that a packet is on, named by the hop on its right: the one ahead, or on the way back its emitter. */
static __always_inline __u8 segment_before(const struct work *work, __u8 ahead)
{
	return work->context.is_reply ? work->emitter_position : ahead;
}

/* A packet of an instance is about to reach a pod: the pod's answer must find that instance. */
static __always_inline int remember_last_instance(const struct path_view *path, struct work *work)
{
	work->key.segment = segment_before(work, path->hops);
	return remember(work, work->emitter, 0);
}

/* Who is ahead of the packet on the segment of `work->key`, as far as it is known here; 0: not. */
static __always_inline __u16 known_ahead(const struct work *work)
{
	const struct flow *known = bpf_map_lookup_elem(&flows, &work->key);

	return !known ? 0 : work->context.is_reply ? known->left : known->right;
}

/* Who is ahead of the packet by the note that another node left here; 0: not known. The key is as before afterwards. */
static __always_inline __u16 noted_ahead(struct work *work)
{
	__u16 id;

	work->key.kind = FLOW_NOTE;
	id = known_ahead(work);
	work->key.kind = FLOW_PIN;
	return id;
}

/* --- who opened a flow: only asked where a chain takes the same pair of addresses both ways (from: any, to: any),
 * where the classifier alone cannot tell a reply from a request, and the functions' order depends on it --- */

static __always_inline void remember_opener(struct work *work, int source_opened)
{
	struct flow fresh = {.flags = opener_flags(source_opened ? work->source_is_low : !work->source_is_low)};
	const struct flow *known;

	work->key.segment = SEGMENT_NONE;
	work->key.kind = FLOW_OPENER;
	known = bpf_map_lookup_elem(&flows, &work->key);
	/* A look-up is much cheaper than an insertion, and marks the entry as used. */
	if (!known || known->flags != fresh.flags) {
		if (!known)
			count_event(EVENT_FLOW_ADDED);
		bpf_map_update_elem(&flows, &work->key, &fresh, BPF_ANY);
	}
	work->key.kind = FLOW_PIN;
}

/* On the node of the pod that a packet arrives at, where the path asks for it. */
static __always_inline void learn_opener(const struct path_view *path, struct work *work)
{
	if ((path->flags & PATH_F_AMBIGUOUS) && !work->packet.is_icmp_error)
		remember_opener(work, !work->context.is_reply);
}

/* Whether this packet goes against the flow that its tuple belongs to. Unknown flows are opened by it. */
static __always_inline int is_reply_of_flow(struct work *work)
{
	const struct packet *packet = &work->packet;
	const struct flow *known;

	work->key.segment = SEGMENT_NONE;
	work->key.kind = FLOW_OPENER;
	known = bpf_map_lookup_elem(&flows, &work->key);
	work->key.kind = FLOW_PIN;
	if (!known || packet->is_bare_syn) { /* a bare SYN opens anew: table entries outlive connections */
		if (!packet->is_icmp_error)
			remember_opener(work, 1);
		return packet->is_icmp_error;
	}
	return known->flags & FLOW_F_OPENER_IS_LOW ? !work->source_is_low : work->source_is_low;
}

#endif
