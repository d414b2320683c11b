/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Sends a packet to another node: a program writes the headers of VXLAN (RFC 7348) and gives the packet to the kernel's
 * routes and neighbours, or leaves all of it to the VXLAN device. Both write the same bytes.
 */
#ifndef HEDDLE_ENCAPSULATE_H
#define HEDDLE_ENCAPSULATE_H

#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <linux/errno.h>

#include "context.h"
#include "events.h"

#define AF_INET 2
#define LOOPBACK_IFINDEX 1
#define TUNNEL_TTL 64
#define VXLAN_FLAGS 0x08000000 /* the VNI is valid; all reserved bits are 0 */
#define FIRST_SOURCE_PORT 49152 /* RFC 7348, 5: the dynamic ports */
#define SOURCE_PORTS 0x3fff

struct vxlan {
	__be32 flags;
	__be32 vni; /* 24 bits, and 8 reserved */
};

/* The headers before the inner packet, behind an IPv4 underlay. */
struct outer_v4 {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
	struct vxlan vxlan;
	struct ethhdr inner;
} __attribute__((packed));

#define OVERHEAD_V4 (sizeof(struct outer_v4) - sizeof(struct ethhdr))

#define SPARE 4 /* bytes that make_room_v4 makes and takes away */
#define ROOM_IS_WRONG 1
/* linux/bpf.h has these since Linux 6.5; the headers of the build may be older than the kernel. */
#define ADJ_ROOM_DECAP_L3_IPV4 (1ULL << 7)
#define ADJ_ROOM_DECAP_L3_IPV6 (1ULL << 8)

#define ENCAP_V4                                                                                                       \
	(BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP |                       \
	 BPF_F_ADJ_ROOM_ENCAP_L2(ETH_HLEN) | BPF_F_ADJ_ROOM_ENCAP_L2_ETH)

/* The checksum of the outer IP header; 0 if it has the right one. */
static __always_inline __u16 checksum_v4(const struct outer_v4 *outer)
{
	const __u16 *word = (const void *)outer + offsetof(struct outer_v4, ip);
	__u32 sum = 0;

	for (int i = 0; i < (int)sizeof(outer->ip) / 2; i++)
		sum += word[i];
	return fold(sum);
}

/* Traffic class (DSCP and ECN) of the inner packet: the outer packet has the same (RFC 2983 uniform, RFC 6040). */
static __always_inline __u8 traffic_class(struct __sk_buff *skb)
{
	__u8 byte[2] = {};

	load(skb, ETH_HLEN, byte, sizeof(byte));
	return skb->protocol == bpf_htons(ETH_P_IP) ? byte[1] : (__u8)(byte[0] << 4 | byte[1] >> 4);
}

/* Makes room behind the Ethernet header. A packet that a program has decapsulated is still marked as encapsulated, and the
 * kernel refuses to mark it again; its offsets are right. Only skb->protocol is still to be set, which the kernel does
 * where room is taken away. */
static __always_inline int make_room_v4(struct __sk_buff *skb)
{
	int result = bpf_skb_adjust_room(skb, OVERHEAD_V4, BPF_ADJ_ROOM_MAC, ENCAP_V4);

	if (result != -EALREADY)
		return result;
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return bpf_skb_adjust_room(skb, OVERHEAD_V4, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO);
	if (bpf_skb_adjust_room(skb, OVERHEAD_V4 + SPARE, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO))
		return -1;
	return bpf_skb_adjust_room(skb, -SPARE, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO | ADJ_ROOM_DECAP_L3_IPV4)
		       ? ROOM_IS_WRONG
		       : 0;
}

/* Encapsulates a packet over IPv4. Returns a verdict; -1: nothing was done to the packet, the device shall send it. */
static __always_inline int encapsulate_v4(struct __sk_buff *skb, __u32 vni, __be32 vtep, const struct node_config *config)
{
	struct bpf_fib_lookup route = {.family = AF_INET, .ifindex = LOOPBACK_IFINDEX, .l4_protocol = IPPROTO_UDP};
	struct bpf_redir_neigh next = {};
	__u32 length = skb->len + OVERHEAD_V4 - ETH_HLEN;
	struct outer_v4 *outer;
	__u16 port;
	__u8 class;
	int room;

	if (!config || length > 0xffff)
		return -1;
	port = FIRST_SOURCE_PORT + (bpf_get_hash_recalc(skb) & SOURCE_PORTS);
	class = traffic_class(skb);
	route.tos = class & 0xfc;
	route.sport = bpf_htons(port);
	route.dport = bpf_htons(config->vxlan_port);
	route.tot_len = skb->gso_size ? 0 : length;
	route.ipv4_src = config->vtep.word[3];
	route.ipv4_dst = vtep;
	/* As for a packet of the node itself: `ifindex` is where it comes from. */
	if (bpf_fib_lookup(skb, &route, sizeof(route), BPF_FIB_LOOKUP_SKIP_NEIGH) ||
	    !bpf_map_lookup_elem(&underlays, &route.ifindex))
		return -1;
	room = make_room_v4(skb);
	if (room < 0)
		return -1;
	outer = data_start(skb);
	if (room == ROOM_IS_WRONG || (void *)(outer + 1) > data_end(skb))
		return TC_ACT_SHOT;
	outer->inner = outer->eth;
	outer->eth.h_proto = bpf_htons(ETH_P_IP);
	__builtin_memset(&outer->ip, 0, sizeof(outer->ip));
	outer->ip.version = 4;
	outer->ip.ihl = sizeof(outer->ip) / 4;
	outer->ip.tos = class;
	outer->ip.tot_len = bpf_htons(length);
	outer->ip.id = bpf_get_prandom_u32();
	outer->ip.ttl = TUNNEL_TTL;
	outer->ip.protocol = IPPROTO_UDP;
	outer->ip.saddr = config->vtep.word[3];
	outer->ip.daddr = vtep;
	outer->ip.check = checksum_v4(outer);
	outer->udp.source = bpf_htons(port);
	outer->udp.dest = bpf_htons(config->vxlan_port);
	outer->udp.len = bpf_htons(length - sizeof(outer->ip));
	outer->udp.check = 0; /* RFC 7348: over IPv4 it should be zero */
	outer->vxlan.flags = bpf_htonl(VXLAN_FLAGS);
	outer->vxlan.vni = bpf_htonl(vni << 8);
	skb->mark = 0;
	next.nh_family = route.family;
	__builtin_memcpy(&next.ipv6_nh, &route.ipv6_dst, sizeof(next.ipv6_nh));
	count_event(EVENT_ENCAPSULATED);
	return bpf_redirect_neigh(route.ifindex, &next, sizeof(next), 0);
}

#endif
