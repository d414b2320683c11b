/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * What is remembered of a flow on one segment of its path: the instances at both ends (so that it keeps them, both
 * ways, whatever else comes or goes), and who opened it where the classifier alone cannot tell.
 */
#ifndef HEDDLE_FLOW_H
#define HEDDLE_FLOW_H

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
	__u8 source_is_low;     /* of the key: whether the packet's flow source is its `low` end */
	__u8 source_mac[6];
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
	*(__u64 *)&work->path = *(const volatile __u64 *)found;
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

static __always_inline int compare(const struct address *a, const struct address *b)
{
	for (int i = 0; i < 4; i++) {
		if (a->word[i] != b->word[i])
			return a->word[i] < b->word[i] ? -1 : 1;
	}
	return 0;
}

/* Fills the key but for its segment. */
static __always_inline void make_flow_key(struct work *work)
{
	const struct packet *packet = &work->packet;
	struct flow_key *key = &work->key;
	int order = compare(&packet->flow_source, &packet->flow_destination);
	int source_is_low = order < 0 || (order == 0 && packet->source_port <= packet->destination_port);

	key->path = work->context.path;
	key->protocol = packet->protocol;
	key->low = source_is_low ? packet->flow_source : packet->flow_destination;
	key->high = source_is_low ? packet->flow_destination : packet->flow_source;
	key->low_port = source_is_low ? packet->source_port : packet->destination_port;
	key->high_port = source_is_low ? packet->destination_port : packet->source_port;
	work->source_is_low = source_is_low;
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
 * goes elsewhere: a function that judges how flows begin must not see an answer first. Who opened it a pin knows, and
 * without one it was the chain's first end. A connection sends again what is lost, and tracking that saw one direction
 * alone would take the other one's window for a stranger's: it moves as a whole, when the instance is gone.
 */
static __always_inline int may_still_enter(const struct work *work, const struct flow *pin)
{
	if (work->packet.protocol == IPPROTO_TCP || work->packet.protocol == IPPROTO_SCTP)
		return !work->packet.is_bare_syn;
	if (!pin || !(pin->opener_is_low & PIN_OPENER_KNOWN))
		return work->context.is_reply;
	return (pin->opener_is_low & 1) != work->source_is_low;
}

/* The instance that a flow is pinned to. */
static __always_inline const struct instance *find_pinned(const struct work *work, const struct flow *pin, __u16 id, __u64 pool)
{
	const struct instance *instance = find_present(id, pool);

	return instance && (!(instance->flags & INSTANCE_F_LEAVING) || may_still_enter(work, pin)) ? instance : 0;
}

/* A function that was frozen, or goes, lets go what it held: flows that live elsewhere by now do not follow. */
static __always_inline int is_unwanted(__u16 id)
{
	__u32 key = id;
	const struct instance *instance = bpf_map_lookup_elem(&instances, &key);

	return instance && instance->flags & (INSTANCE_F_DOWN | INSTANCE_F_LEAVING);
}

static __always_inline void set_end(__u16 *end, __u16 id)
{
	if (id && *end != id && !is_unwanted(id)) /* writing costs the other CPUs their cache line */
		*end = id;
}

static __always_inline __u32 opener_of(const struct work *work)
{
	return PIN_OPENER_KNOWN | (work->source_is_low ? 1 : 0);
}

/* Writes who is at the ends of the segment of `work->key`, seen from the packet; 0: not known. Returns whether the
 * flow is new there. */
static __always_inline int remember(const struct work *work, __u16 behind, __u16 ahead)
{
	struct flow *known = bpf_map_lookup_elem(&flows, &work->key);
	struct flow fresh = {
		.left = work->context.is_reply ? ahead : behind,
		.right = work->context.is_reply ? behind : ahead,
		.opener_is_low = opener_of(work),
	};

	if (known) {
		if (work->packet.is_bare_syn && known->opener_is_low != fresh.opener_is_low)
			known->opener_is_low = fresh.opener_is_low;
		set_end(&known->left, fresh.left);
		set_end(&known->right, fresh.right);
		return 0;
	}
	if (work->packet.is_icmp_error)
		return 0; /* it tells nothing of a flow that nobody knows */
	count_event(EVENT_FLOW_ADDED);
	bpf_map_update_elem(&flows, &work->key, &fresh, BPF_ANY);
	return 1;
}

/* The segment that a packet is on, named by its right end: the one ahead of it, or on the way back its emitter. */
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

/* The same of the note that somebody left here. */
static __always_inline __u16 noted_ahead(struct work *work)
{
	__u16 id;

	work->key.segment |= SEGMENT_NOTE;
	id = known_ahead(work);
	work->key.segment &= ~SEGMENT_NOTE;
	return id;
}

/* --- who opened a flow: only asked where a chain takes the same pair of addresses both ways (from: any, to: any),
 * where the classifier alone cannot tell a reply from a request, and the functions' order depends on it --- */

static __always_inline void remember_opener(struct work *work, int source_opened)
{
	int opener_is_low = source_opened ? work->source_is_low : !work->source_is_low;
	struct flow fresh = {.opener_is_low = opener_is_low};
	const struct flow *known;

	work->key.segment = SEGMENT_OPENER;
	known = bpf_map_lookup_elem(&flows, &work->key);
	if (known && known->opener_is_low == opener_is_low)
		return; /* a look-up is much cheaper than an insertion, and marks the entry as used */
	if (!known)
		count_event(EVENT_FLOW_ADDED);
	bpf_map_update_elem(&flows, &work->key, &fresh, BPF_ANY);
}

/* Where a path asks for it, at the end that a packet arrives at. */
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

	work->key.segment = SEGMENT_OPENER;
	known = bpf_map_lookup_elem(&flows, &work->key);
	if (!known || packet->is_bare_syn) { /* a bare SYN opens anew: table entries outlive connections */
		if (!packet->is_icmp_error)
			remember_opener(work, 1);
		return packet->is_icmp_error;
	}
	return known->opener_is_low ? !work->source_is_low : work->source_is_low;
}

#endif
