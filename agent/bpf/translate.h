/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Established flows of a load balancer go past it, translated at their ends: on the client's node to the backend that
 * the balancer has chosen, on the backend's node back to the address that the client asked.
 *
 * What makes it right is that the balancer says so all the time: a packet in the midst of its flow that comes out of an
 * instance, translated, is what both ends may do by themselves for the next eighth of a second. Then packets go the long
 * way again until one has come through. A backend that fails, drains out or is taken away is therefore heard of within
 * that time, whatever the reason was; what opens or ends a connection always goes through the balancer.
 */
#ifndef HEDDLE_TRANSLATE_H
#define HEDDLE_TRANSLATE_H

#include <linux/udp.h>

#include "steer.h"
#include "straight.h"

#define TRANSLATE_FOR 128 /* ticks, 134 ms */
#define TELL_EVERY 16     /* ticks, 17 ms: a note that was lost is sent again with a later packet */
#define WORTH_IT 4        /* packets: what is over after a few costs less if nobody is told of it */

/* Whom the client asked, of a packet as it leaves the balancer. */
static __noinline const struct listener *find_listener(const struct work *work)
{
	struct listener_key key = {};

	if (!work)
		return 0;
	key.path = work->context.path;
	key.protocol = work->packet.protocol;
	key.family = is_mapped_v4(&work->packet.destination) ? 4 : 6;
	key.target_port = work->packet.destination_port;
	return bpf_map_lookup_elem(&listeners, &key);
}

/* The client's end learns the backend. Called with a packet as it leaves the balancer. */
static __noinline int learn_backend(const struct path_view *path, const struct work *work)
{
	const struct packet *packet;
	const struct listener *asked;
	struct end fresh = {};
	struct end_key key = {};
	struct end *known;
	int client_is_low;

	if (!path || !work)
		return 0;
	packet = &work->packet;
	asked = find_listener(work);
	if (!asked)
		return 0;
	client_is_low = compare(&packet->source, &asked->address) < 0; /* two addresses, never one */
	key.vni = work->vni;
	key.protocol = packet->protocol;
	key.low = client_is_low ? packet->source : asked->address;
	key.high = client_is_low ? asked->address : packet->source;
	key.low_port = client_is_low ? packet->source_port : asked->port;
	key.high_port = client_is_low ? asked->port : packet->source_port;
	fresh.path = work->context.path;
	fresh.flags = client_is_low ? END_F_POD_IS_LOW : 0;
	fresh.address = packet->destination;
	fresh.port = packet->destination_port;
	fresh.epoch = path->epoch;
	fresh.until = (ticks() + TRANSLATE_FOR) | 1; /* 0 says never */
	known = bpf_map_lookup_elem(&ends, &key);
	if (known && known->path == fresh.path && known->flags == fresh.flags && known->epoch == fresh.epoch &&
	    known->port == fresh.port && same_address(&known->address, &fresh.address)) {
		known->until = fresh.until;
		return 0;
	}
	if (!known)
		count_event(EVENT_END_ADDED);
	bpf_map_update_elem(&ends, &key, &fresh, BPF_ANY); /* as a whole: a program that reads the old one has it whole */
	return 0;
}

/*
 * A packet in the midst of its flow has come out of the balancer, to a pod of this node: its answers may go straight once
 * the balancer has seen one, and the client's node is told.
 */
static __noinline int confirm_translated(struct __sk_buff *skb, const struct path_view *path,
							struct work *work, struct end *end)
{
	const struct listener *asked;
	__u32 now = ticks() | 1;

	if (!path || !work || !end)
		return 0;
	if (end->told_at && now - end->told_at < TELL_EVERY)
		return 0;
	end->told_at = now;
	asked = find_listener(work);
	if (!asked)
		return 0;
	if (end->flags & END_F_ANSWERED) {
		end->address = asked->address;
		end->port = asked->port;
		end->epoch = path->epoch;
		end->until = (now + TRANSLATE_FOR) | 1;
	}
	return tell_sender(skb, path, work);
}

/* Before a packet of a path reaches a pod of this node. The frame is as before afterwards. */
static __always_inline void note_end(struct __sk_buff *skb, const struct path_view *path, struct work *work)
{
	struct end *end = remember_end(path, work);

	if (!end || !work->packet.is_amid)
		return;
	if (end->seen < WORTH_IT)
		end->seen++;
	else if (path->flags & PATH_F_TRANSLATED)
		confirm_translated(skb, path, work, end);
}

/* Where a pod's packet may go by itself now; 0: the long way. */
static __always_inline const struct endpoint *find_straight(const struct end *end, const struct work *work)
{
	const struct endpoint *endpoint;

	if (!work->packet.is_amid || !end->until || (__s32)(end->until - ticks()) <= 0)
		return 0;
	if (!(work->path.flags & PATH_F_TRANSLATED) || work->path.epoch != end->epoch)
		return 0;
	endpoint = find_endpoint(work->vni,
				 end->flags & END_F_ANSWERS ? &work->packet.destination : &end->address);
	return endpoint && endpoint->flags & ENDPOINT_F_PORT ? endpoint : 0;
}

/* Writes what the balancer would. Returns not 0 when the packet cannot be written. */
static __noinline int translate(struct __sk_buff *skb, const struct packet *packet, const struct end *end)
{
	const struct address *old;
	__u32 checksum, port_at, own;
	__u64 flags;
	__be16 old_port, new_port;

	if (!packet || !end)
		return -1;
	own = end->flags & END_F_ANSWERS;
	old = own ? &packet->source : &packet->destination;
	checksum = packet->transport + (packet->protocol == IPPROTO_TCP ? offsetof(struct tcphdr, check)
								   : offsetof(struct udphdr, check));
	flags = packet->protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0; /* 0: the sender has reckoned none */
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		__be32 from = old->word[3], to = end->address.word[3];
		__u32 at = ETH_HLEN + (own ? offsetof(struct iphdr, saddr) : offsetof(struct iphdr, daddr));

		if (bpf_l4_csum_replace(skb, checksum, from, to, flags | BPF_F_PSEUDO_HDR | sizeof(to)) ||
		    bpf_l3_csum_replace(skb, ETH_HLEN + offsetof(struct iphdr, check), from, to, sizeof(to)) ||
		    bpf_skb_store_bytes(skb, at, &to, sizeof(to), 0))
			return -1;
	} else {
		__u32 at = ETH_HLEN + (own ? offsetof(struct ipv6hdr, saddr) : offsetof(struct ipv6hdr, daddr));
		__s64 difference = bpf_csum_diff((__be32 *)old, sizeof(*old), (__be32 *)&end->address,
						 sizeof(end->address), 0);

		if (bpf_l4_csum_replace(skb, checksum, 0, difference, flags | BPF_F_PSEUDO_HDR) ||
		    bpf_skb_store_bytes(skb, at, &end->address, sizeof(end->address), 0))
			return -1;
	}
	old_port = bpf_htons(own ? packet->source_port : packet->destination_port);
	new_port = bpf_htons(end->port);
	port_at = packet->transport + (own ? 0 : sizeof(old_port));
	if (old_port == new_port)
		return 0;
	return bpf_l4_csum_replace(skb, checksum, old_port, new_port, flags | sizeof(new_port)) ||
	       bpf_skb_store_bytes(skb, port_at, &new_port, sizeof(new_port), 0);
}

#endif
