/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Budgets of the LRU maps that all tenants of a node share. A full LRU map evicts somebody's entry for each new one, so who
 * adds entries without end would take those of others. Each sender and each network may add entries up to a rate; what is
 * over it goes to a second map, where such entries evict each other only. Both maps are looked up alike, so an entry there
 * has the same meaning, and only its life may be shorter.
 *
 * Only the first packet of a flow asks for a budget. The packets that find their entry in the first map cost nothing more.
 */
#ifndef HEDDLE_BUDGET_H
#define HEDDLE_BUDGET_H

#include "address.h"
#include "events.h"

#define SECOND 1000000000ull
/* A sender may replace a whole map in SENDER_TURN, a network in NETWORK_TURN, or at once what it has not used within
 * BURST. Fragments live for a moment only: all of it is 128 times as fast for them. */
#define SENDER_TURN (1024 * SECOND)
#define NETWORK_TURN (128 * SECOND)
#define BURST (16 * SECOND)
#define FRAGMENTS_SHIFT 7

static __always_inline __u32 entries_of(__u32 lru)
{
	__u32 zero = 0;
	const struct node_config *config = bpf_map_lookup_elem(&node, &zero);

	if (lru == LRU_FLOWS)
		return config && config->flow_entries ? config->flow_entries : FLOW_ENTRIES;
	if (lru == LRU_SOURCES)
		return SOURCE_ENTRIES;
	return lru == LRU_ENDS ? END_ENTRIES : FRAGMENT_ENTRIES;
}

/* Spends `cost`; 0: nothing is left. Two CPUs may spend the same time at once, which is harmless. */
static __always_inline int spend(const struct budget_key *key, __u64 now, __u64 cost, __u64 burst)
{
	struct budget *known = bpf_map_lookup_elem(&budgets, key);
	struct budget fresh = {now + cost};

	if (!known) {
		bpf_map_update_elem(&budgets, key, &fresh, BPF_ANY);
		return 1;
	}
	if (known->spent_until > now + burst)
		return 0;
	known->spent_until = (known->spent_until > now ? known->spent_until : now) + cost;
	return 1;
}

/* Whether a sender may add an entry to an LRU map; else it goes to the spilled one. It is not static, so that the verifier
 * checks it once, and not for each way to its calls. */
__noinline int may_add(__u32 vni, const struct address *sender, __u32 lru)
{
	__u32 shift = lru == LRU_FRAGMENTS ? FRAGMENTS_SHIFT : 0;
	struct budget_key key = {.vni = vni, .lru = lru};
	__u64 now = bpf_ktime_get_ns();
	__u32 entries = entries_of(lru);
	__u32 *spilled;

	if (!sender)
		return 1;
	key.sender = *sender;
	if (spend(&key, now, SENDER_TURN / entries >> shift, BURST >> shift)) {
		__builtin_memset(&key.sender, 0, sizeof(key.sender));
		if (spend(&key, now, NETWORK_TURN / entries >> shift, BURST >> shift))
			return 1;
	}
	spilled = bpf_map_lookup_elem(&spills, &lru);
	if (spilled && !*spilled)
		*spilled = 1;
	return 0;
}

/* Whether a spilled map was used: until then, it need not be looked up. */
static __always_inline int has_spilled(__u32 lru)
{
	const __u32 *spilled = bpf_map_lookup_elem(&spills, &lru);

	return spilled && *spilled;
}

#endif
