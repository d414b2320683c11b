/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Takes VXLAN of other nodes (RFC 7348) from a device of the underlay. What is not surely ours passes untouched: the
 * kernel and the VXLAN device then decide on it.
 */
#ifndef HEDDLE_UNDERLAY_H
#define HEDDLE_UNDERLAY_H

#include "receive.h"

#define NOT_OURS (-1) /* TCX_NEXT (linux/bpf.h since Linux 6.6): other programs on this device, then the kernel */
#define ECN_CE 3

/* The outer headers of a packet that is ours. */
struct arrival {
	struct ethhdr inner;
	__u32 overhead;
	__u8 class;
};

/* Whether what is behind the outer IP header is complete and such as a node writes. `length` is what IP says of it. */
static __always_inline int is_our_tail(const struct outer_tail *tail, __u32 length, const struct node_config *config)
{
	return tail->udp.dest == bpf_htons(config->vxlan_port) && bpf_ntohs(tail->udp.len) == length &&
	       !tail->udp.check && tail->vxlan.flags == bpf_htonl(VXLAN_FLAGS) && !(tail->vxlan.vni & bpf_htonl(0xff)) &&
	       (tail->inner.h_proto == bpf_htons(ETH_P_IP) || tail->inner.h_proto == bpf_htons(ETH_P_IPV6));
}

/* Whether the outer headers are complete and such as a node writes. Sets `vtep` to the sender. */
static __always_inline int is_ours_v4(struct __sk_buff *skb, const struct outer_v4 *outer, const struct node_config *config,
				      struct address *vtep)
{
	__u32 length = bpf_ntohs(outer->ip.tot_len);

	if (outer->ip.version != 4 || outer->ip.ihl != 5 || outer->ip.protocol != IPPROTO_UDP ||
	    outer->ip.daddr != config->vtep.word[3])
		return 0;
	if (outer->ip.frag_off & bpf_htons(IP_MORE_FRAGMENTS | IP_OFFSET) || checksum_v4(outer))
		return 0;
	if (length + ETH_HLEN != skb->len || !is_our_tail(&outer->tail, length - sizeof(outer->ip), config))
		return 0;
	map_ipv4(vtep, outer->ip.saddr);
	return bpf_map_lookup_elem(&vteps, vtep) != 0;
}

/* The same over IPv6. A packet with extension headers is not ours. */
static __always_inline int is_ours_v6(struct __sk_buff *skb, const struct outer_v6 *outer, const struct node_config *config,
				      struct address *vtep)
{
	__u32 length = bpf_ntohs(outer->ip.payload_len);

	__builtin_memcpy(vtep, &outer->ip.daddr, sizeof(*vtep));
	if (outer->ip.version != 6 || outer->ip.nexthdr != IPPROTO_UDP || !same_address(vtep, &config->vtep) ||
	    is_mapped_v4(vtep))
		return 0;
	if (length + sizeof(outer->ip) + ETH_HLEN != skb->len || !is_our_tail(&outer->tail, length, config))
		return 0;
	__builtin_memcpy(vtep, &outer->ip.saddr, sizeof(*vtep));
	return !is_mapped_v4(vtep) && bpf_map_lookup_elem(&vteps, vtep) != 0;
}

/* Whether the first bytes of a packet are there to be read. Pointers into the packet must be taken anew. */
static __always_inline int pull(struct __sk_buff *skb, __u32 size)
{
	return data_start(skb) + size <= data_end(skb) || (skb->len >= size && !bpf_skb_pull_data(skb, size));
}

/* Reads the outer headers. Returns the VNI; -1: the packet is not ours. Nothing is changed. */
static __always_inline int read_v4(struct __sk_buff *skb, const struct node_config *config, struct arrival *arrival,
				   struct address *vtep)
{
	const struct outer_v4 *outer;

	if (!pull(skb, sizeof(*outer)))
		return -1;
	outer = data_start(skb);
	if ((void *)(outer + 1) > data_end(skb) || !is_ours_v4(skb, outer, config, vtep))
		return -1;
	arrival->inner = outer->tail.inner;
	arrival->overhead = OVERHEAD_V4;
	arrival->class = outer->ip.tos;
	return bpf_ntohl(outer->tail.vxlan.vni) >> 8;
}

static __always_inline int read_v6(struct __sk_buff *skb, const struct node_config *config, struct arrival *arrival,
				   struct address *vtep)
{
	const struct outer_v6 *outer;

	if (!pull(skb, sizeof(*outer)))
		return -1;
	outer = data_start(skb);
	if ((void *)(outer + 1) > data_end(skb) || !is_ours_v6(skb, outer, config, vtep))
		return -1;
	arrival->inner = outer->tail.inner;
	arrival->overhead = OVERHEAD_V6;
	arrival->class = outer->ip.priority << 4 | outer->ip.flow_lbl[0] >> 4;
	return bpf_ntohl(outer->tail.vxlan.vni) >> 8;
}

/* Removes the outer headers, and puts the inner Ethernet header in the place of the outer one. */
static __always_inline int decapsulate(struct __sk_buff *skb, const struct arrival *arrival)
{
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;
	struct ethhdr *eth;

	flags |= arrival->inner.h_proto == bpf_htons(ETH_P_IPV6) ? ADJ_ROOM_DECAP_L3_IPV6 : ADJ_ROOM_DECAP_L3_IPV4;
	if (bpf_skb_adjust_room(skb, -(__s32)arrival->overhead, BPF_ADJ_ROOM_MAC, flags))
		return -1;
	eth = data_start(skb);
	if ((void *)(eth + 1) > data_end(skb))
		return -1;
	*eth = arrival->inner;
	return 0;
}

/* Takes the outer headers off a packet of another node. Returns 0, and sets the VNI of `work` and the sender; -1: it is not
 * ours, and untouched; 1: it cannot be taken, and is to be dropped. */
static __noinline int take_from_underlay(struct __sk_buff *skb, struct work *work, struct address *vtep)
{
	__u32 zero = 0;
	const struct node_config *config = bpf_map_lookup_elem(&node, &zero);
	struct arrival arrival;
	int vni;

	if (!config || !work || !vtep || !is_ip(skb) || skb->pkt_type != PACKET_HOST || skb->vlan_present)
		return -1;
	vni = skb->protocol == bpf_htons(ETH_P_IP) ? read_v4(skb, config, &arrival, vtep)
						   : read_v6(skb, config, &arrival, vtep);
	if (vni < 0)
		return -1;
	work->vni = vni;
	if (decapsulate(skb, &arrival))
		return 1;
	restore_dscp(skb, arrival.class);
	/* RFC 6040: congestion on the way must reach the receiver, or the packet must not. */
	return (arrival.class & ECN) == ECN_CE && !bpf_skb_ecn_set_ce(skb);
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
