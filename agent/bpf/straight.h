/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * The fast path: packets of established flows bypass their functions while a confirmation holds (learn.h).
 *
 * PATH_F_STRAIGHT: the chain has `establishedFlows: Straight`, and its functions only decide how a flow begins. A packet in
 * the midst of its flow that leaves the last function proves that all of them accept the flow in that direction. The node
 * that receives it confirms this to the sender's node, at most once a second. For some seconds (STRAIGHT_FOR) the sender's
 * node then sends the flow's packets directly to their destination. After that a packet passes the functions again: the
 * flow is confirmed anew, or a function that refuses it now ends it. Each direction has confirmations of its own.
 *
 * PATH_F_TRANSLATED: the one function is a load balancer. For TRANSLATE_FOR after a confirmation both nodes translate the
 * flow's packets as the load balancer does: the client's node sends to the backend that the load balancer has chosen, the
 * backend's node answers from the address that the client has sent to. So a backend that fails, drains or is removed takes
 * effect within that time.
 *
 * Packets that open or end a connection always pass the functions.
 */
#ifndef HEDDLE_STRAIGHT_H
#define HEDDLE_STRAIGHT_H

#include "learn.h"

/* Whether a packet of a pod may go straight now. `work->key` must be of the sender's segment. */
static __always_inline int may_go_straight(const struct path_view *path, const struct work *work)
{
	const struct flow *flow = find_flow(&work->key);

	if (!flow || flow->straight_epoch != path->epoch || !flow->straight_until ||
	    (__s32)(flow->straight_until - ticks()) <= 0)
		return 0;
	barrier();
	return find_flow(&work->key) == flow; /* what was read is of this flow: see read_end */
}

/* Whether an end is of an earlier connection with the same tuple. `packet` is of the pod. A SYN-ACK shows that the pod has
 * just received a bare SYN. By the path, that SYN would have replaced the entry and set `seen` to 0. So it came directly,
 * and the entry is of an earlier connection. */
static __always_inline int is_past(const struct end *end, const struct packet *packet)
{
	return packet->is_syn_ack && end->seen;
}

/* Reads the end of a pod's packet to `work->end`, and the path of the end to `work->path`. END_UNKNOWN: the classifier must
 * find the path. */
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
	forget_end(work); /* of an earlier connection, or of a path that is gone */
	return END_UNKNOWN;
}

/* The endpoint to which a pod's packet may now bypass the load balancer; 0: it may not. find_end must have read the end. */
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
