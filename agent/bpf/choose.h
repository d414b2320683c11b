/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Decides which instances of a hop may take a packet, and which of them the hash of the flow selects. Nothing here writes
 * a map.
 */
#ifndef HEDDLE_CHOOSE_H
#define HEDDLE_CHOOSE_H

#include "work.h"

/* Number of slots to try: an instance may be down while the agent has not written the new table yet. */
#define TABLE_TRIES 16

/* The position of the next hop in the packet's direction. Positions count hops in the chain's order: 0xff is before the
 * first hop, `hops` is behind the last one. */
static __always_inline __u8 next_position(const struct context *context)
{
	return context->is_reply ? context->position - 1 : context->position + 1;
}

/* The key of the hop at the context's position, in the path's current bank. */
static __always_inline struct hop_key make_hop_key(const struct path_view *path, const struct context *context)
{
	struct hop_key key = {.path = context->path, .slot = context->position + MAX_HOPS * (path->bank & 1)};

	return key;
}

static __always_inline const struct hop *find_hop(const struct path_view *path, const struct context *context)
{
	struct hop_key key = make_hop_key(path, context);

	return bpf_map_lookup_elem(&hops, &key);
}

/* MurmurHash3 (x86, 32 bits) of the normalised tuple: one value for both directions. Must give the same values as
 * agent/render/flow.ts. */
static __always_inline __u32 mix(__u32 hash, __u32 word)
{
	word *= 0xcc9e2d51;
	word = word << 15 | word >> 17;
	hash ^= word * 0x1b873593;
	hash = hash << 13 | hash >> 19;
	return hash * 5 + 0xe6546b64;
}

static __always_inline __u32 hash_flow(const struct flow_key *key)
{
	__u32 hash = key->protocol;

	for (int i = 0; i < 4; i++)
		hash = mix(hash, key->low.word[i]);
	for (int i = 0; i < 4; i++)
		hash = mix(hash, key->high.word[i]);
	hash = mix(hash, (__u32)key->high_port << 16 | key->low_port);
	hash ^= hash >> 16;
	hash *= 0x85ebca6b;
	hash ^= hash >> 13;
	hash *= 0xc2b2ae35;
	return hash ^ hash >> 16;
}

/* The instance, if it belongs to the pool and is not down; it may be leaving. */
static __always_inline const struct instance *find_present(__u16 id, __u64 pool)
{
	__u32 key = id;
	const struct instance *instance = id ? bpf_map_lookup_elem(&instances, &key) : 0;

	return instance && instance->pool == pool && !(instance->flags & INSTANCE_F_DOWN) ? instance : 0;
}

static __always_inline const struct instance *find_usable(__u16 id, __u64 pool)
{
	const struct instance *instance = find_present(id, pool);

	return instance && !(instance->flags & INSTANCE_F_LEAVING) ? instance : 0;
}

/*
 * Whether a packet may still enter an instance that is leaving.
 * - Without TCP or SCTP: packets to the opener still enter, packets from the opener go to another instance, because a
 *   function that judges how flows begin must see the opener's packet first. The pin names the opener; without a pin the
 *   opener is taken to be a source of the chain.
 * - TCP and SCTP: all packets but a bare SYN still enter. Connection tracking that sees one direction only would reject
 *   the window of the other one, so a connection moves as a whole, once the instance is gone; its hosts retransmit what
 *   is lost then.
 */
static __always_inline int may_still_enter(const struct work *work, const struct flow *pin)
{
	if (work->packet.protocol == IPPROTO_TCP || work->packet.protocol == IPPROTO_SCTP)
		return !work->packet.is_bare_syn;
	if (!pin || !(pin->flags & FLOW_F_OPENER_KNOWN))
		return work->context.is_reply;
	return !(pin->flags & FLOW_F_OPENER_IS_LOW) != !work->source_is_low;
}

/* The instance with this id, if a flow that is pinned to it may still use it. */
static __always_inline const struct instance *find_pinned(const struct work *work, const struct flow *pin, __u16 id,
							  __u64 pool)
{
	const struct instance *instance = find_present(id, pool);

	return instance && (!(instance->flags & INSTANCE_F_LEAVING) || may_still_enter(work, pin)) ? instance : 0;
}

/* The id of the instance that the flow's hash selects for a hop; 0: no instance can take the flow. */
static __noinline __u32 choose_instance(const struct flow_key *flow, const struct hop *hop, const struct hop_key *key)
{
	const struct table *table;
	__u32 slot;

	if (!flow || !hop || !key || !hop->count)
		return 0;
	if (hop->count == 1)
		return find_usable(hop->instance, hop->pool) ? hop->instance : 0;
	table = bpf_map_lookup_elem(&tables, key);
	if (!table)
		return 0;
	slot = hash_flow(flow) % TABLE_SLOTS;
	for (int i = 0; i < TABLE_TRIES; i++) {
		__u32 index = slot + i;
		__u16 id;

		barrier_var(index);
		index &= TABLE_SIZE - 1;
		id = table->slot[index];
		if (find_usable(id, hop->pool))
			return id;
	}
	return 0;
}

#endif
