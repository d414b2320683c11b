/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * RFC 7665's service function forwarder: to the next hop of the path, or to the destination behind the last one.
 * Which instance of the hop? The one that the flow is pinned to, else the one that its hash picks among those in use.
 */
#ifndef HEDDLE_STEER_H
#define HEDDLE_STEER_H

#include "learn.h"

/* The host side by which a packet goes into an instance of this node; 0: it is elsewhere. */
static __always_inline __u32 entrance_of(const struct instance *instance, const struct context *context)
{
	return context->is_reply && instance->right ? instance->right : instance->ifindex;
}

static __always_inline int enter_instance(struct __sk_buff *skb, __u32 ifindex, const struct context *context)
{
	struct hop_key key = {.path = context->path,
			      .slot = context->position + (context->is_reply ? MAX_HOPS : 0)};

	count_traffic(&hop_traffic, &key, skb->len);
	return redirect_to_peer(skb, ifindex, encode_mark(context));
}

static __always_inline int send_to_instance(struct __sk_buff *skb, struct work *work, __u16 id,
					    const struct instance *instance)
{
	__u8 destination[ETH_ALEN];

	encode_mac(destination, CTX_MAC_TO, &work->context, id);
	if (write_macs(skb, destination, work->source_mac))
		return drop(skb, DROP_MALFORMED);
	if (instance->ifindex)
		return enter_instance(skb, entrance_of(instance, &work->context), &work->context);
	return redirect_by_tunnel(skb, work->vni, &instance->vtep, instance->flags & INSTANCE_F_VTEP_V6);
}

/* The instance of a hop for this flow: the one that it is pinned to, or one chosen now. */
static __always_inline const struct instance *instance_for(struct work *work, const struct path_view *path,
							   const struct hop *hop, __u16 *id, int *is_new)
{
	struct hop_key key = make_hop_key(path, &work->context);
	struct flow *known = bpf_map_lookup_elem(&flows, &work->key);
	const struct instance *instance = 0;

	*id = !known || work->packet.is_bare_syn ? 0 : work->context.is_reply ? known->left : known->right;
	if (*id) { /* not of a bare SYN: pins outlive connections */
		instance = find_pinned(work, known, *id, hop->pool);
		if (instance) {
			set_side(work->context.is_reply ? &known->right : &known->left, work->emitter);
			return instance;
		}
		count_event(EVENT_FLOW_MOVED);
	} else if ((hop->flags & HOP_F_REWRITES) && !work->packet.is_bare_syn) {
		*id = noted_ahead(work);
		instance = find_usable(*id, hop->pool);
	}
	if (!instance) {
		*id = choose_instance(&work->key, hop, &key);
		instance = find_usable(*id, hop->pool);
	}
	if (instance)
		*is_new = remember(work, work->emitter, *id);
	return instance;
}

/* Behind the last hop: to the Port that owns the destination address. */
static __always_inline int leave_path(struct __sk_buff *skb, const struct path_view *path, struct work *work)
{
	struct address destination;
	enum drop_reason reason = load_destination(skb, &destination);
	const struct endpoint *endpoint;

	if (reason)
		return drop(skb, reason);
	endpoint = find_endpoint(work->vni, &destination);
	/* The answer of a pod on this node starts here: it must find the instance that this packet comes from. Where
	 * the pod is on another node, that node remembers; only functions that rewrite want the first packet told. */
	if (endpoint && work->emitter && (endpoint->ifindex || (path->flags & PATH_F_REWRITES))) {
		if (remember_last_instance(path, work) && (path->flags & PATH_F_REWRITES))
			leave_note(skb, path, work);
		if ((path->flags & PATH_F_STRAIGHT) && endpoint->ifindex)
			confirm(skb, path, work);
		learn_opener(path, work);
		if (endpoint->ifindex)
			learn_end(skb, path, work);
	}
	return deliver_to(skb, work->vni, endpoint, work->source_mac);
}

/* Sends the packet on from `context.position` (inclusive), skipping hops that are down and may be. */
static __noinline int steer(struct __sk_buff *skb, const struct path_view *path, struct work *work)
{
	if (!path || !work)
		return drop(skb, DROP_MALFORMED);
	for (int i = 0; i < MAX_HOPS && work->context.position < path->hops; i++) {
		const struct hop *hop = find_hop(path, &work->context);
		const struct instance *instance;
		int is_new = 0;
		__u16 id;

		if (!hop)
			return drop(skb, DROP_UNKNOWN_PATH);
		work->key.segment = segment_before(work, work->context.position);
		instance = instance_for(work, path, hop, &id, &is_new);
		if (is_new && work->emitter && (path->flags & PATH_F_REWRITES))
			leave_note(skb, path, work);
		if (instance)
			return send_to_instance(skb, work, id, instance);
		if (!(hop->flags & HOP_F_OPEN))
			return drop_at(skb, &work->context, DROP_HOP_DOWN);
		work->context.position = next_position(&work->context);
	}
	return leave_path(skb, path, work);
}

#endif
