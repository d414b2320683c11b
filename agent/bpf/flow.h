/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * The state of a flow on one segment of its path. A pin names the instances on both sides of the segment, so that both
 * directions of the flow keep their instances when others are added or removed. An opener entry says which host opened
 * the flow, where the classifier alone cannot know the direction.
 */
#ifndef HEDDLE_FLOW_H
#define HEDDLE_FLOW_H

#include "choose.h"

#define TICK_SHIFT 20 /* 1.05 ms */

static __always_inline __u32 ticks(void)
{
	return bpf_ktime_get_ns() >> TICK_SHIFT;
}

/* As ticks, but of the kernel's last timer interrupt: much cheaper, and read for each packet. */
static __always_inline __u32 coarse_ticks(void)
{
	return bpf_ktime_get_coarse_ns() >> TICK_SHIFT;
}

static __noinline struct flow *find_spilled_flow(const struct flow_key *key)
{
	return key && has_spilled(LRU_FLOWS) ? bpf_map_lookup_elem(&spilled_flows, key) : 0;
}

static __always_inline struct flow *find_flow(const struct flow_key *key)
{
	struct flow *known = bpf_map_lookup_elem(&flows, key);

	return known ? known : find_spilled_flow(key);
}

/* Copies the entry of `work->key` to `work->fresh`, to replace it by replace_flow: it is not changed in place, since its
 * memory may be of another flow by now. Returns 0 if there is none, or if the copy may be of another flow. */
static __always_inline int copy_flow(struct work *work)
{
	const struct flow *known = find_flow(&work->key);

	if (!known)
		return 0;
	work->fresh = *known;
	barrier();
	return find_flow(&work->key) == known;
}

/* Adds `work->fresh` as the entry of `work->key`, which has none. */
static __noinline int add_flow(const struct work *work)
{
	if (!work)
		return 0;
	if (may_add(work->vni, &work->packet.flow_source, LRU_FLOWS)) {
		count_event(EVENT_FLOW_ADDED);
		return bpf_map_update_elem(&flows, &work->key, &work->fresh, BPF_ANY);
	}
	count_event(EVENT_FLOW_SPILLED);
	return bpf_map_update_elem(&spilled_flows, &work->key, &work->fresh, BPF_ANY);
}

/* Replaces the entry of `work->key` by `work->fresh`, if it is still there. */
static __always_inline void replace_flow(const struct work *work)
{
	if (bpf_map_lookup_elem(&flows, &work->key))
		bpf_map_update_elem(&flows, &work->key, &work->fresh, BPF_EXIST);
	else
		bpf_map_update_elem(&spilled_flows, &work->key, &work->fresh, BPF_EXIST);
}

/* Whether an instance is down or leaving, so that no pin may change to it. Such an instance may still send packets that
 * it has held back; their flows may be on other instances by now, and must stay there. */
static __always_inline int is_unwanted(__u16 id)
{
	__u32 key = id;
	const struct instance *instance = bpf_map_lookup_elem(&instances, &key);

	return instance && instance->flags & (INSTANCE_F_DOWN | INSTANCE_F_LEAVING);
}

/* Sets one side of a pin, in place, by one aligned write. The kernel may have given the entry's memory to another flow
 * since the look-up. This is harmless: a packet of that flow uses the instance only if it is of the hop's pool, else the
 * flow moves. */
static __always_inline void set_side(__u16 *side, __u16 id)
{
	if (id && *side != id && !is_unwanted(id)) /* a needless write would take the cache line from the other CPUs */
		*side = id;
}

static __always_inline __u32 opener_flags(int opener_is_low)
{
	return FLOW_F_OPENER_KNOWN | (opener_is_low ? FLOW_F_OPENER_IS_LOW : 0);
}

/* Writes the pin of the segment of `work->key`, of which `known` is the entry: `behind` is the instance that the packet
 * comes from, `ahead` the one that it goes to; 0: not known. Returns 1 if the flow had no pin there. */
static __always_inline int remember_at(struct flow *known, struct work *work, __u16 behind, __u16 ahead)
{
	const struct flow fresh = {
		.left = work->context.is_reply ? ahead : behind,
		.right = work->context.is_reply ? behind : ahead,
		.flags = opener_flags(work->source_is_low),
		.checked_at = work->checked_at,
	};

	if (known) {
		if (work->packet.is_bare_syn && known->flags != fresh.flags)
			known->flags = fresh.flags;
		set_side(&known->left, fresh.left);
		set_side(&known->right, fresh.right);
		return 0;
	}
	if (work->packet.is_icmp_error)
		return 0; /* an error does not begin a flow */
	work->fresh = fresh;
	add_flow(work);
	return 1;
}

static __always_inline int remember(struct work *work, __u16 behind, __u16 ahead)
{
	return remember_at(find_flow(&work->key), work, behind, ahead);
}

/* The number of the segment that a packet is on. It is the position of the hop on the right: the hop ahead of the packet,
 * or the emitter's hop in the reply direction. */
static __always_inline __u8 segment_before(const struct work *work, __u8 ahead)
{
	return work->context.is_reply ? work->emitter_position : ahead;
}

/* The instance ahead of the packet by the entry of `work->key`; 0: not known on this node. */
static __always_inline __u16 known_ahead(const struct work *work)
{
	const struct flow *known = find_flow(&work->key);

	return !known ? 0 : work->context.is_reply ? known->left : known->right;
}

/* The instance ahead of the packet by the note of another node; 0: not known. Restores `work->key`. */
static __always_inline __u16 noted_ahead(struct work *work)
{
	__u16 id;

	work->key.kind = FLOW_NOTE;
	id = known_ahead(work);
	work->key.kind = FLOW_PIN;
	return id;
}

/* --- openers: used only where a chain matches the same pair of addresses in both directions (from: any, to: any). There
 * the classifier alone cannot know a reply from a request, and the order of the functions depends on it --- */

/* Stores whether the packet's source or its destination opened the flow. */
static __always_inline void remember_opener(struct work *work, int source_opened)
{
	const struct flow fresh = {.flags = opener_flags(source_opened ? work->source_is_low : !work->source_is_low)};
	const struct flow *known;

	work->key.segment = SEGMENT_NONE;
	work->key.kind = FLOW_OPENER;
	known = find_flow(&work->key);
	/* A look-up is much cheaper than an insertion, and marks the entry as used. */
	if (!known || known->flags != fresh.flags) {
		work->fresh = fresh;
		if (known)
			replace_flow(work);
		else
			add_flow(work);
	}
	work->key.kind = FLOW_PIN;
}

/* Stores the opener of a packet's flow on the node of the receiving pod, if the path is PATH_F_AMBIGUOUS. */
static __always_inline void learn_opener(const struct path_view *path, struct work *work)
{
	if ((path->flags & PATH_F_AMBIGUOUS) && !work->packet.is_icmp_error)
		remember_opener(work, !work->context.is_reply);
}

/* Whether a packet is in the reply direction of its flow. A packet of an unknown flow opens the flow. */
static __always_inline int is_reply_of_flow(struct work *work)
{
	const struct packet *packet = &work->packet;
	const struct flow *known;

	work->key.segment = SEGMENT_NONE;
	work->key.kind = FLOW_OPENER;
	known = find_flow(&work->key);
	work->key.kind = FLOW_PIN;
	if (!known || packet->is_bare_syn) { /* a bare SYN opens a new connection, and entries outlive the old one */
		if (!packet->is_icmp_error)
			remember_opener(work, 1);
		return packet->is_icmp_error;
	}
	return known->flags & FLOW_F_OPENER_IS_LOW ? !work->source_is_low : work->source_is_low;
}

#endif
