/* SPDX-License-Identifier: Apache-2.0
 * The way back behind functions that rewrite. A load balancer's backend answers the client: a pair of addresses that no
 * chain names. So the node of the backend remembers by which path the flow came, and its answers take it from the end.
 * Which instance they meet is the pin's or the hash's matter, as for every packet.
 */
#ifndef HEDDLE_RETURNS_H
#define HEDDLE_RETURNS_H

#include "flow.h"

/* Of a work whose flow key is made. */
always_inline void make_return_key(const struct work *work, struct return_key *key)
{
	key->vni = work->vni;
	key->low_port = work->key.low_port;
	key->high_port = work->key.high_port;
	key->low = work->key.low;
	key->high = work->key.high;
	key->protocol = work->key.protocol;
}

/* A packet of a path is about to reach a pod of this node; its answers shall find the path. */
static __attribute__((noinline)) int remember_return(const struct path_view *path, const struct work *work)
{
	struct return_path fresh = {};
	const struct return_path *known;
	struct return_key key;

	if (!path || !work)
		return 0;
	if (!(path->flags & PATH_F_REWRITES) || work->context.is_reply || work->packet.is_icmp_error)
		return 0;
	make_return_key(work, &key);
	fresh.path = work->context.path;
	fresh.pod_is_low = !work->source_is_low;
	known = bpf_map_lookup_elem(&returns, &key);
	if (known && known->path == fresh.path && known->pod_is_low == fresh.pod_is_low)
		return 0;
	if (!known)
		count_event(EVENT_RETURN_ADDED);
	bpf_map_update_elem(&returns, &key, &fresh, BPF_ANY);
	return 0;
}

/* The path that a pod's packet answers on; 0: none, so a classifier must say. The key is the packet's. */
static __attribute__((noinline)) __u32 find_return(struct work *work)
{
	const struct return_path *known;
	const struct path_view *path;
	struct return_key key;
	__u32 id;

	if (!work)
		return 0;
	make_return_key(work, &key);
	known = bpf_map_lookup_elem(&returns, &key);
	if (!known || !known->pod_is_low != !work->source_is_low)
		return 0;
	id = known->path;
	path = work->packet.is_bare_syn ? 0 : find_path(work, id);
	if (path && path->vni == work->vni && path->flags & PATH_F_REWRITES)
		return id;
	bpf_map_delete_elem(&returns, &key); /* a new connection of the pod's own, or a path that is gone */
	return 0;
}

#endif
