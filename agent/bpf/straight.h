/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Established flows go straight, past their functions, for as long as confirmations hold (learn.h).
 *
 * PATH_F_STRAIGHT: the chain asks for it, and its functions only judge how a flow begins. A packet in the midst of its flow
 * that comes out of the last function shows that all of them let the flow pass in that direction. The node where it arrives
 * tells the sender's node so, at most once a second; for the next seconds the sender's node hands the flow's packets
 * directly to their destination. Then a packet goes through the functions again, and the flow is confirmed anew or, where
 * a function refuses it by now, ends there. Each direction is confirmed for itself.
 *
 * PATH_F_TRANSLATED: the one function is a load balancer. What the balancer made of a packet in the midst of its flow is
 * what both nodes may do by themselves for the next eighth of a second: the client's node sends to the backend that the
 * balancer has chosen, the backend's node answers from the address that the client asked. So a backend that fails, drains
 * or is taken away is heard of within that time.
 *
 * What opens or ends a connection always goes through the functions.
 */
#ifndef HEDDLE_STRAIGHT_H
#define HEDDLE_STRAIGHT_H

#include "learn.h"

/* Whether what the pod sends may go straight now. The key's segment is the sender's. */
static __always_inline int may_go_straight(const struct path_view *path, const struct work *work)
{
	const struct flow *flow = bpf_map_lookup_elem(&flows, &work->key);

	if (!flow || flow->straight_epoch != path->epoch || !flow->straight_until ||
	    (__s32)(flow->straight_until - ticks()) <= 0)
		return 0;
	barrier();
	return bpf_map_lookup_elem(&flows, &work->key) == flow; /* what was read was this flow's: see read_end */
}

/* The port of an old flow is used again, by somebody who came here directly: whoever answers what opens a connection has
 * not seen anything in its midst. Had it come by the path, it would have begun the entry anew. */
static __always_inline int is_past(const struct end *end, const struct packet *packet)
{
	return packet->is_syn_ack && end->seen;
}

/* Reads the end of the flow of a pod's packet to `work->end`, and its path to `work->path`. END_UNKNOWN: a classifier must
 * say. */
static __noinline int find_end(struct work *work)
{
	const struct path_view *path;
	int state;

	if (!work)
		return END_UNKNOWN;
	make_end_key(work);
	state = read_end(work);
	if (state != END_KNOWN)
		return state;
	if (!(work->end.flags & END_F_POD_IS_LOW) != !work->source_is_low)
		return END_UNKNOWN;
	path = work->packet.is_bare_syn || is_past(&work->end, &work->packet) ? 0 : find_path(work, work->end.path);
	if (path && path->vni == work->vni && path->flags & PATH_F_REWRITES)
		return END_KNOWN;
	bpf_map_delete_elem(&ends, &work->end_key); /* another connection, or a path that is gone */
	return END_UNKNOWN;
}

/* Where a pod's packet may go past the balancer now; 0: not. Called with the end that find_end has read. */
static __always_inline const struct endpoint *find_straight(const struct work *work)
{
	const struct end *end = &work->end;
	const struct endpoint *endpoint;

	if (!work->packet.is_amid || !end->until || (__s32)(end->until - ticks()) <= 0)
		return 0;
	if (!(work->path.flags & PATH_F_TRANSLATED) || work->path.epoch != end->epoch)
		return 0;
	endpoint = find_endpoint(work->vni,
				 end->flags & END_F_ANSWERS ? &work->packet.destination : &end->address);
	return endpoint && endpoint->flags & ENDPOINT_F_PORT ? endpoint : 0;
}

#endif
