/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Ends of flows whose addresses a function changes. A load balancer's backend answers the client: a pair of addresses
 * that no chain names. So the node of the backend remembers by which path the flow came, and its answers take it from
 * the end. Which instance they meet is the pin's or the hash's matter, as for every packet.
 */
#ifndef HEDDLE_ENDS_H
#define HEDDLE_ENDS_H

#include "flow.h"

/* Of a work whose flow key is made. */
static __always_inline void make_end_key(const struct work *work, struct end_key *key)
{
	key->vni = work->vni;
	key->low_port = work->key.low_port;
	key->high_port = work->key.high_port;
	key->low = work->key.low;
	key->high = work->key.high;
	key->protocol = work->key.protocol;
}

/* A packet of a path is about to reach a pod of this node; its answers shall find the path. A bare SYN begins anew. */
static __noinline struct end *remember_end(const struct path_view *path, const struct work *work)
{
	struct end fresh = {};
	struct end *known;
	struct end_key key;

	if (!path || !work)
		return 0;
	if (!(path->flags & PATH_F_REWRITES) || work->context.is_reply || work->packet.is_icmp_error)
		return 0;
	make_end_key(work, &key);
	fresh.path = work->context.path;
	fresh.flags = END_F_ANSWERS | (work->source_is_low ? 0 : END_F_POD_IS_LOW);
	known = bpf_map_lookup_elem(&ends, &key);
	if (known && known->path == fresh.path && !((known->flags ^ fresh.flags) & END_F_WHOSE) &&
	    !work->packet.is_bare_syn)
		return known;
	if (!known)
		count_event(EVENT_END_ADDED);
	bpf_map_update_elem(&ends, &key, &fresh, BPF_ANY);
	return 0;
}

/* The port of an old flow is used again, by somebody who came here directly: whoever answers what opens a connection has
 * not seen anything in its midst. Had it come by the path, it would have begun the entry anew. */
static __always_inline int is_past(const struct end *end, const struct packet *packet)
{
	return packet->is_syn_ack && end->seen;
}

/* What is known of the flow of a pod's packet, its path read into `work->path`; 0: nothing, so a classifier must say. */
static __noinline struct end *find_end(struct work *work)
{
	const struct path_view *path;
	struct end_key key;
	struct end *known;

	if (!work)
		return 0;
	make_end_key(work, &key);
	known = bpf_map_lookup_elem(&ends, &key);
	if (!known || !(known->flags & END_F_POD_IS_LOW) != !work->source_is_low)
		return 0;
	path = work->packet.is_bare_syn || is_past(known, &work->packet) ? 0 : find_path(work, known->path);
	if (path && path->vni == work->vni && path->flags & PATH_F_REWRITES)
		return known;
	bpf_map_delete_elem(&ends, &key); /* another connection, or a path that is gone */
	return 0;
}

#endif
