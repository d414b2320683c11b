/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Established flows go straight, on chains that ask for it and whose functions only judge how a flow begins.
 *
 * A packet in the midst of its flow that comes out of the last function shows that all of them let the flow pass in
 * that direction. The node where it arrives tells the sender's node so (at most once a while); for the next seconds the
 * sender's node hands the flow's packets directly to their destination. Then a packet goes the long way again, and the
 * flow is confirmed anew or, where a function refuses it by now, stays on the long way and ends there. What opens or
 * ends a connection always goes the long way, so functions see both. Each direction is confirmed for itself.
 */
#ifndef HEDDLE_STRAIGHT_H
#define HEDDLE_STRAIGHT_H

#include "steer.h"

#define TICK_SHIFT 20          /* 1.05 ms */
#define STRAIGHT_FOR 4096      /* ticks, 4.3 s */
#define CONFIRM_EVERY 1024     /* ticks, 1.1 s */

static __always_inline __u32 ticks(void)
{
	return bpf_ktime_get_ns() >> TICK_SHIFT;
}

/* The segment at which a sender's end remembers the flow. */
static __always_inline __u8 senders_segment(const struct path_view *path, const struct context *context)
{
	return context->is_reply ? path->hops : 0;
}

/* Whether what the pod sends may go straight now. The key's segment is the sender's. */
static __always_inline int may_go_straight(const struct path_view *path, const struct work *work)
{
	const struct flow *flow = bpf_map_lookup_elem(&flows, &work->key);

	return flow && flow->straight_epoch == path->epoch && flow->straight_until &&
	       (__s32)(flow->straight_until - ticks()) > 0;
}

/* The sender's end learns that the flow comes through. An end that has forgotten the flow learns nothing. */
static __always_inline void confirm_here(const struct path_view *path, struct work *work)
{
	struct flow *flow;

	work->key.segment = senders_segment(path, &work->context);
	flow = bpf_map_lookup_elem(&flows, &work->key);
	if (!flow)
		return;
	flow->straight_epoch = path->epoch;
	flow->straight_until = (ticks() + STRAIGHT_FOR) | 1; /* 0 says never */
}

static int learn_backend(const struct path_view *path, const struct work *work);

/* From the receiver's node. */
static __always_inline int take_confirmation(const struct path_view *path, struct work *work)
{
	if (path->flags & PATH_F_TRANSLATED)
		learn_backend(path, work);
	else
		confirm_here(path, work);
	return TC_ACT_SHOT;
}

/* Tells the sender's node that its packet came through, by a copy of it as the envelope; or this one, where it is the
 * sender's too. The frame is as before afterwards. */
static __noinline int tell_sender(struct __sk_buff *skb, const struct path_view *path, struct work *work)
{
	const struct endpoint *sender;
	struct context note = {.is_probe = 1};
	__u8 macs[2 * ETH_ALEN];
	__u8 destination[ETH_ALEN];

	if (!path || !work)
		return 0;
	sender = find_endpoint(work->vni, &work->packet.source);
	if (!sender || !(sender->flags & ENDPOINT_F_PORT))
		return 0;
	count_event(EVENT_CONFIRMED);
	if (sender->ifindex)
		return take_confirmation(path, work);
	note.is_reply = work->context.is_reply;
	note.path = work->context.path;
	encode_mac(destination, CTX_MAC_TO, &note, 0); /* no instance: a confirmation */
	if (bpf_skb_load_bytes(skb, 0, macs, sizeof(macs)) || write_macs(skb, destination, work->source_mac))
		return 0;
	clone_to_node(skb, work->vni, &sender->vtep, sender->flags & ENDPOINT_F_VTEP_V6);
	return write_macs(skb, macs, macs + ETH_ALEN);
}

/* A packet has come through the whole path, to a pod of this node. Called with the key of the receiver's end. */
static __noinline int confirm(struct __sk_buff *skb, const struct path_view *path, struct work *work)
{
	struct flow *flow;
	__u32 now = ticks() | 1;

	if (!path || !work || !work->packet.is_amid)
		return 0;
	flow = bpf_map_lookup_elem(&flows, &work->key);
	if (!flow || (flow->confirmed_at && now - flow->confirmed_at < CONFIRM_EVERY))
		return 0;
	flow->confirmed_at = now;
	return tell_sender(skb, path, work);
}

#endif
