/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Where packets leave their path: behind its last hop, on the node of the pod that gets them. An instance may send there only
 * what belongs to the path. A compromised one could otherwise speak to every pod of the network in everybody's name, past
 * the functions that guard the pod, and the pod's answers would go to this instance.
 *
 * The check costs a flow's first packet, and one packet in CHECK_EVERY: the pin of the flow on the segment at the pod's end of
 * the path says when a packet has passed it last, or when the pod's own packet was classified to the path. So a flow that an
 * edit takes out of the chain ends, whatever its functions send.
 */
#ifndef HEDDLE_LEAVE_H
#define HEDDLE_LEAVE_H

#include "source.h"

#define CHECK_EVERY 4096 /* ticks, 4.3 s */
/* A flow that does not pass the check goes on for so long since it has: nodes do not learn of an edit at the same time, and
 * what another node still sends by the former policy shall not be lost. */
#define CHECK_GRACE (2 * CHECK_EVERY)

static __always_inline void swap_ports(struct packet *packet)
{
	__u16 port = packet->source_port;

	packet->source_port = packet->destination_port;
	packet->destination_port = port;
}

/* Classifies the answer to a packet: `work->match` is what the classifier says of a packet from the flow's destination, a
 * Port of this node, to its source. The rules of a pair whose source is not on this node are on other nodes. */
static __always_inline enum drop_reason classify_answer(const struct network *network, struct work *work)
{
	enum drop_reason reason = DROP_CONTENDED;

	swap_ports(&work->packet);
	for (int i = 0; i < SWITCH_TRIES; i++) {
		__u32 bank = READ_ONCE(network->bank);

		classify(class_of(work->vni, bank, &work->packet.flow_destination),
			 class_of(work->vni, bank, &work->packet.flow_source), bank, &work->packet, &work->match);
		barrier();
		if (READ_ONCE(network->bank) == bank) {
			reason = DROP_NONE;
			break;
		}
	}
	swap_ports(&work->packet);
	return reason;
}

/* At which ends of a PATH_F_REWRITES path an address is. */
static __noinline __u32 sides_of(const struct work *work, __u32 bank, const struct address *address)
{
	struct side_key key = {};
	const struct side *side;

	if (!work || !address)
		return 0;
	key.class_id = class_of(work->vni, bank, address);
	key.path = work->context.path;
	side = key.class_id ? bpf_map_lookup_elem(&sides, &key) : 0;
	return side ? side->flags : 0;
}

/* Whether a Port or a load balancer has an address. */
static __always_inline int is_owned(__u32 vni, const struct address *address)
{
	const struct endpoint *endpoint = find_endpoint(vni, address);

	return endpoint && endpoint->flags & (ENDPOINT_F_PORT | ENDPOINT_F_VIRTUAL);
}

/*
 * Checks addresses that the functions of a PATH_F_REWRITES path may have rewritten.
 * - The source is an end of the path: a function that changes it takes an address of the path's, or, where functions are
 *   free to, one that nobody has.
 * - The destination is the path's end in this direction. Or a load balancer of the path sends there (`is_backend`).
 */
static __noinline enum drop_reason check_sides(const struct path_view *path, const struct work *work, __u32 bank,
					       int *is_backend)
{
	__u32 destination;

	if (!path || !work || !is_backend)
		return DROP_MALFORMED;
	if (is_owned(work->vni, &work->packet.flow_source)) {
		if (!(sides_of(work, bank, &work->packet.flow_source) & (SIDE_F_FROM | SIDE_F_TO)))
			return DROP_OFF_PATH;
	} else if (!(path->flags & PATH_F_ANY_SOURCE)) {
		return DROP_OFF_PATH;
	}
	destination = sides_of(work, bank, &work->packet.flow_destination);
	*is_backend = !work->context.is_reply && (destination & SIDE_F_BEHIND || path->flags & PATH_F_ANY_BEHIND);
	return *is_backend || destination & (work->context.is_reply ? SIDE_F_FROM : SIDE_F_TO) ? DROP_NONE
												 : DROP_OFF_PATH;
}

/*
 * Checks a packet of a flow that is not known at the end of its path.
 * - An ICMP error may have any source (a function that answers has an address of no network), but must go to the sender of
 *   the packet that it quotes.
 * - Without rewriting functions, the answer must be classified to the path. With them, no other path may take it: the packet
 *   would have bypassed that path's functions. Backends are excepted: functions may stand before them for those who connect
 *   directly.
 *
 * It is not static, so that the verifier checks it once, and not for each way to its calls.
 */
__noinline enum drop_reason check_ends(struct work *work)
{
	const struct network *network;
	enum drop_reason reason;
	int rewrites, is_backend = 0;

	if (!work)
		return DROP_MALFORMED;
	network = bpf_map_lookup_elem(&networks, &work->vni);
	if (!network)
		return DROP_UNKNOWN_NETWORK;
	if (!same_address(&work->packet.destination, &work->packet.flow_destination))
		return DROP_OFF_PATH;
	rewrites = work->path.flags & PATH_F_REWRITES;
	if (rewrites) {
		reason = check_sides(&work->path, work, READ_ONCE(network->bank), &is_backend);
		if (reason || is_backend)
			return reason;
	} else if (!is_owned(work->vni, &work->packet.flow_source)) {
		return DROP_OFF_PATH;
	}
	reason = classify_answer(network, work);
	if (reason)
		return reason;
	if (work->match.path != work->context.path || !work->match.ways)
		return rewrites && !work->match.ways ? DROP_NONE : DROP_OFF_PATH;
	return rewrites || work->match.ways & (work->context.is_reply ? MATCHES_FORWARD : MATCHES_REPLY) ? DROP_NONE
													 : DROP_OFF_PATH;
}

/*
 * Whether a flow with a pin is still of its path. Of flows through functions that may rewrite, only the client is checked
 * again: a load balancer keeps flows for a while that it would not begin any more, to a backend that drains; and a backend's
 * answers come by the former chain until the client has sent a packet by the new one.
 */
static __always_inline enum drop_reason check_again(struct work *work)
{
	const struct network *network;
	int is_backend = 0;

	if (!(work->path.flags & PATH_F_REWRITES))
		return check_ends(work);
	if (!work->context.is_reply)
		return DROP_NONE;
	network = bpf_map_lookup_elem(&networks, &work->vni);
	return network ? check_sides(&work->path, work, READ_ONCE(network->bank), &is_backend) : DROP_UNKNOWN_NETWORK;
}

/* Stores `work->checked_at` in the entry of `work->key`: of this flow alone, since no other was checked. */
static __noinline int store_check(struct work *work)
{
	if (!work || !copy_flow(work))
		return 0; /* the next packet is checked too */
	work->fresh.checked_at = work->checked_at;
	replace_flow(work);
	return 0;
}

/* Checks a flow again whose pin is `*known`, if it is time. Sets `*known` anew when it replaces the pin. */
static __always_inline enum drop_reason renew_check(struct work *work, struct flow **known)
{
	__u32 now = coarse_ticks() | 1;
	__u32 checked_at = (*known)->checked_at;
	enum drop_reason reason;

	if (checked_at && now - checked_at < CHECK_EVERY)
		return DROP_NONE;
	reason = check_again(work);
	if (reason && checked_at)
		return now - checked_at < CHECK_GRACE ? DROP_NONE : reason;
	/* A pin of the release before, which does not pass, has the grace from now. */
	work->checked_at = reason ? (now - CHECK_EVERY) | 1 : now;
	store_check(work);
	*known = find_flow(&work->key);
	return DROP_NONE;
}

/*
 * Handles a packet that an instance sends to a pod of this node: checks that its flow belongs to the path, and pins the flow
 * to the instance, so that the pod's answers find it. `work->key` must be of the segment between them. Sets `is_new` if the
 * flow had no pin. Within the path, pins are of
 * what instances say, so only those of the outer segments show that a flow was checked.
 */
static __always_inline enum drop_reason admit(const struct path_view *path, struct work *work, int *is_new)
{
	struct flow *known = find_flow(&work->key);
	enum drop_reason reason;

	if (!known || work->packet.is_icmp_error || (work->key.segment && work->key.segment != path->hops)) {
		reason = check_ends(work);
		if (reason)
			return reason;
		work->checked_at = coarse_ticks() | 1;
	} else {
		reason = renew_check(work, &known);
		if (reason)
			return reason;
	}
	*is_new = remember_at(known, work, work->emitter, 0);
	return DROP_NONE;
}

/*
 * Handles a packet behind the last hop of `work->path`: on the node of its pod it checks the flow and learns what the pod's
 * answers need. Another node needs a pin only to see a flow's first packet, for its note, and only if functions rewrite.
 * `flags` are LEAVE_*. Restores the frame.
 */
#define LEAVE_AT_POD 1	 /* the pod is on this node */
#define LEAVE_EMITTER 2	 /* the instance is on this node, which leaves the notes */

static __always_inline enum drop_reason leave(struct __sk_buff *skb, struct work *work, __u32 flags)
{
	const struct path_view *path;
	enum drop_reason reason = DROP_NONE;
	int is_new = 0;

	if (!work)
		return DROP_MALFORMED;
	path = &work->path;
	work->key.segment = segment_before(work, path->hops);
	if (flags & LEAVE_AT_POD)
		reason = admit(path, work, &is_new);
	else
		is_new = remember(work, work->emitter, 0);
	if (reason)
		return reason;
	if (is_new && flags & LEAVE_EMITTER && path->flags & PATH_F_REWRITES)
		leave_note(skb, path, work);
	if (flags & LEAVE_AT_POD && path->flags & PATH_F_STRAIGHT)
		confirm(skb, path, work);
	learn_opener(path, work);
	if (flags & LEAVE_AT_POD)
		learn_end(skb, path, work);
	if (flags & LEAVE_AT_POD && path->flags & PATH_F_REWRITES && work->packet.is_reset && work->context.is_reply)
		note_reset(work);
	return DROP_NONE;
}

#endif
