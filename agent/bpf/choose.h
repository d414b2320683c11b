/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Which instance of a hop may take a packet, and which one the hash of its flow picks. Nothing here is remembered.
 */
#ifndef HEDDLE_CHOOSE_H
#define HEDDLE_CHOOSE_H

#include "work.h"

/* Slots that are tried when instances went down a moment ago and the agent has not renewed the table yet. */
#define TABLE_TRIES 16

/* `position` counts hops in the chain's order; 0xff stands before the first one, `hops` behind the last. */
static __always_inline __u8 next_position(const struct context *context)
{
	return context->is_reply ? context->position - 1 : context->position + 1;
}

/* Of the hop at the context's position, in the bank that counts. */
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

/* MurmurHash3 (x86, 32 bits) of the normalised tuple: one value for both directions. agent/render/flow.ts has it too. */
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

/* An instance that forwards, perhaps not for long. */
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
 * Whether a packet still goes into an instance that is about to go. The answers of a flow do, and what its opener sends
 * goes elsewhere: a function that judges how flows begin must not see an answer first. A pin knows who opened it;
 * without one it was the chain's `from`. A connection sends again what is lost, and tracking that saw one direction
 * alone would take the other one's window for a stranger's: it moves as a whole, when the instance is gone.
 */
static __always_inline int may_still_enter(const struct work *work, const struct flow *pin)
{
	if (work->packet.protocol == IPPROTO_TCP || work->packet.protocol == IPPROTO_SCTP)
		return !work->packet.is_bare_syn;
	if (!pin || !(pin->flags & FLOW_F_OPENER_KNOWN))
		return work->context.is_reply;
	return !(pin->flags & FLOW_F_OPENER_IS_LOW) != !work->source_is_low;
}

/* The instance that a flow is pinned to. */
static __always_inline const struct instance *find_pinned(const struct work *work, const struct flow *pin, __u16 id,
							  __u64 pool)
{
	const struct instance *instance = find_present(id, pool);

	return instance && (!(instance->flags & INSTANCE_F_LEAVING) || may_still_enter(work, pin)) ? instance : 0;
}

/* The instance that a flow's hash picks for a hop; 0: none can take it. */
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
