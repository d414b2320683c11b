/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Takes VXLAN of other nodes (RFC 7348) from a device of the underlay. What is not surely ours passes untouched: the
 * kernel and the VXLAN device then decide on it.
 */
#ifndef HEDDLE_UNDERLAY_H
#define HEDDLE_UNDERLAY_H

#include "receive.h"

#define NOT_OURS (-1) /* TCX_NEXT (linux/bpf.h since Linux 6.6): other programs on this device, then the kernel */
#define ECN_CE 3

/* Whether the outer headers are complete and such as a node writes. Sets `vtep` to the sender. */
static __always_inline int is_ours(struct __sk_buff *skb, const struct outer_v4 *outer, const struct node_config *config,
				   struct address *vtep)
{
	__u32 length = bpf_ntohs(outer->ip.tot_len);

	if (outer->ip.version != 4 || outer->ip.ihl != 5 || outer->ip.protocol != IPPROTO_UDP ||
	    outer->udp.dest != bpf_htons(config->vxlan_port) || outer->ip.daddr != config->vtep.word[3])
		return 0;
	if (outer->ip.frag_off & bpf_htons(IP_MORE_FRAGMENTS | IP_OFFSET) || checksum_v4(outer))
		return 0;
	if (length + ETH_HLEN != skb->len || bpf_ntohs(outer->udp.len) + sizeof(outer->ip) != length)
		return 0;
	if (outer->udp.check || outer->vxlan.flags != bpf_htonl(VXLAN_FLAGS) || outer->vxlan.vni & bpf_htonl(0xff))
		return 0;
	map_ipv4(vtep, outer->ip.saddr);
	return bpf_map_lookup_elem(&vteps, vtep) != 0;
}

/* Removes the outer headers, and puts the inner Ethernet header in the place of the outer one. */
static __always_inline int decapsulate(struct __sk_buff *skb, const struct ethhdr *inner)
{
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;
	struct ethhdr *eth;

	if (inner->h_proto == bpf_htons(ETH_P_IPV6))
		flags |= ADJ_ROOM_DECAP_L3_IPV6;
	if (bpf_skb_adjust_room(skb, -(__s32)OVERHEAD_V4, BPF_ADJ_ROOM_MAC, flags))
		return -1;
	eth = data_start(skb);
	if ((void *)(eth + 1) > data_end(skb))
		return -1;
	*eth = *inner;
	return 0;
}

/* Takes the outer headers off a packet of another node. Returns 0, and sets the VNI of `work` and the sender; -1: it is not
 * ours, and untouched; 1: it cannot be taken, and is to be dropped. */
static __noinline int take_from_underlay(struct __sk_buff *skb, struct work *work, struct address *vtep)
{
	__u32 zero = 0;
	const struct node_config *config = bpf_map_lookup_elem(&node, &zero);
	struct outer_v4 *outer = data_start(skb);
	struct ethhdr inner;
	__u8 class;

	if (!config || !work || !vtep || skb->protocol != bpf_htons(ETH_P_IP) || skb->pkt_type != PACKET_HOST ||
	    skb->vlan_present || skb->len < sizeof(*outer))
		return -1;
	if ((void *)(outer + 1) > data_end(skb)) {
		if (bpf_skb_pull_data(skb, sizeof(*outer)))
			return -1;
		outer = data_start(skb);
		if ((void *)(outer + 1) > data_end(skb))
			return -1;
	}
	inner = outer->inner;
	if (inner.h_proto != bpf_htons(ETH_P_IP) && inner.h_proto != bpf_htons(ETH_P_IPV6))
		return -1;
	if (!is_ours(skb, outer, config, vtep))
		return -1;
	work->vni = bpf_ntohl(outer->vxlan.vni) >> 8;
	class = outer->ip.tos;
	if (decapsulate(skb, &inner))
		return 1;
	/* RFC 6040: congestion on the way must reach the receiver, or the packet must not. */
	return (class & ECN_CE) == ECN_CE && !bpf_skb_ecn_set_ce(skb);
}

static __always_inline int receive_from_underlay(struct __sk_buff *skb)
{
	struct work *work = begin_work();
	struct address vtep = {};
	int result;

	if (!work)
		return NOT_OURS;
	result = take_from_underlay(skb, work, &vtep);
	if (result < 0)
		return NOT_OURS;
	return result ? drop(skb, DROP_MALFORMED) : receive_frame(skb, work, &vtep);
}

#endif
