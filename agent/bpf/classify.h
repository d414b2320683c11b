/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * The classifier (RFC 7665) finds the path and the direction of a packet. The agent reduces every `from` and `to` to
 * classes of addresses. So a packet costs one look-up for each of its two addresses, one for the pair of their classes,
 * and a walk through the few rules of the pair.
 */
#ifndef HEDDLE_CLASSIFY_H
#define HEDDLE_CLASSIFY_H

#include "deliver.h"

/* How often to classify a packet when the agent switches the policy meanwhile. */
#define SWITCH_TRIES 4

#define MATCHES_FORWARD 1
#define MATCHES_REPLY 2

struct match {
	__u32 path;
	__u32 ways; /* MATCHES_FORWARD | MATCHES_REPLY; 0: no chain takes the packet */
};

static __always_inline int rule_matches(const struct rule *rule, const struct packet *packet)
{
	__u16 port = rule->flags & RULE_F_REPLY ? packet->source_port : packet->destination_port;

	if (rule->protocol && rule->protocol != packet->protocol)
		return 0;
	return port >= rule->port_first && port <= rule->port_last;
}

struct walk {
	const struct rules *rules;
	const struct packet *packet;
	struct match match;
	int is_over;
};

/* Checks one rule of a segment; a callback of bpf_loop. A plain loop of this length has too many states for the
 * verifier. */
static long visit_rule(__u32 index, struct walk *walk)
{
	const struct rule *rule;

	if (index >= walk->rules->count)
		return 1;
	/* The index is below `count`, so the mask changes nothing; the verifier needs it as a bound (a power of two). */
	barrier_var(index);
	index &= RULES_PER_SEGMENT - 1;
	rule = &walk->rules->rule[index];
	/* The first matching rule decides the path. The rules of a path are adjacent, so those that follow decide
	 * whether the other direction matches too. */
	if (walk->match.ways && rule->path != walk->match.path) {
		walk->is_over = 1;
		return 1;
	}
	if (rule_matches(rule, walk->packet)) {
		walk->match.path = rule->path;
		walk->match.ways |= rule->flags & RULE_F_REPLY ? MATCHES_REPLY : MATCHES_FORWARD;
	}
	return 0;
}

/* Sets `out` to what the rules of a pair of classes say of a packet. It is not static, so that the verifier checks it once,
 * and not for each way to its calls. */
__noinline int classify(__u64 source_class, __u64 destination_class, __u32 bank, struct packet *packet, struct match *out)
{
	struct rules_key key = {
		.source_class = source_class, .destination_class = destination_class, .bank = bank & 1};
	struct walk walk = {.packet = packet};

	if (!packet || !out)
		return 0;
	for (__u32 segment = 0; source_class && destination_class && segment < MAX_SEGMENTS; segment++) {
		key.segment = segment;
		walk.rules = bpf_map_lookup_elem(&classifier, &key);
		if (!walk.rules)
			break;
		bpf_loop(RULES_PER_SEGMENT, visit_rule, &walk, 0);
		if (walk.is_over || !walk.rules->more)
			break;
	}
	*out = walk.match;
	return 0;
}

static __always_inline __u64 class_of(__u32 vni, __u32 bank, const struct address *address)
{
	const struct endpoint *endpoint = find_endpoint(vni, address);

	return endpoint ? endpoint->class_id[bank & 1] : 0;
}

#endif
