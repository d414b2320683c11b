/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Sends a packet to another node: a program writes the outer headers and gives the packet to the kernel's routes and
 * neighbours, or leaves all of it to the VXLAN device. Both write the same, but for the UDP checksum over IPv6: it covers
 * the packet, so programs write zero there (RFC 6935), and the device the sum.
 */
#ifndef HEDDLE_ENCAPSULATE_H
#define HEDDLE_ENCAPSULATE_H

#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/errno.h>

#include "context.h"
#include "events.h"
#include "outer.h"

#define AF_INET 2
#define AF_INET6 10
#define LOOPBACK_IFINDEX 1
#define TUNNEL_TTL 64
#define FIRST_SOURCE_PORT 49152 /* RFC 7348, 5: the dynamic ports */
#define SOURCE_PORTS 0x3fff

#define SPARE 4 /* bytes that make_room makes and takes away */
#define ROOM_IS_WRONG 1
#define ENCAP                                                                                                          \
	(BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L4_UDP | BPF_F_ADJ_ROOM_ENCAP_L2(ETH_HLEN) |                  \
	 BPF_F_ADJ_ROOM_ENCAP_L2_ETH)

/* The length of the inner IP packet on the wire, after segmentation; 0xffff: the kernel shall find out. */
static __always_inline __u32 segment_length(struct __sk_buff *skb)
{
	__u32 headers = sizeof(struct ipv6hdr);
	__u8 protocol = 0, words = 0;

	if (!skb->gso_size)
		return skb->len - ETH_HLEN;
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		load(skb, ETH_HLEN, &words, sizeof(words));
		load(skb, ETH_HLEN + offsetof(struct iphdr, protocol), &protocol, sizeof(protocol));
		headers = (words & 0xf) * 4;
	} else {
		load(skb, ETH_HLEN + offsetof(struct ipv6hdr, nexthdr), &protocol, sizeof(protocol));
	}
	if (protocol == IPPROTO_UDP)
		return headers + sizeof(struct udphdr) + skb->gso_size;
	if (protocol != IPPROTO_TCP || bpf_skb_load_bytes(skb, ETH_HLEN + headers + 12, &words, sizeof(words)))
		return 0xffff;
	return headers + (words >> 4) * 4 + skb->gso_size;
}

/* Makes room behind the Ethernet header. A packet that a program has decapsulated is still marked as encapsulated, and the
 * kernel refuses to mark it again; its offsets are right. Only skb->protocol is still to be set, which the kernel does
 * where room is taken away. */
static __always_inline int make_room(struct __sk_buff *skb, int is_v6)
{
	__u32 overhead = is_v6 ? OVERHEAD_V6 : OVERHEAD_V4;
	__u64 encap = ENCAP | (is_v6 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV4);
	__u64 decap = BPF_F_ADJ_ROOM_FIXED_GSO | (is_v6 ? ADJ_ROOM_DECAP_L3_IPV6 : ADJ_ROOM_DECAP_L3_IPV4);
	int result = bpf_skb_adjust_room(skb, overhead, BPF_ADJ_ROOM_MAC, encap);

	if (result != -EALREADY)
		return result;
	if (skb->protocol == (is_v6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP)))
		return bpf_skb_adjust_room(skb, overhead, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO);
	if (bpf_skb_adjust_room(skb, overhead + SPARE, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO))
		return -1;
	return bpf_skb_adjust_room(skb, -SPARE, BPF_ADJ_ROOM_MAC, decap) ? ROOM_IS_WRONG : 0;
}

/* What is written before the packet. */
struct outer_plan {
	const struct node_config *config;
	const struct address *vtep;
	__u32 vni;
	__u32 length; /* of the outer IP packet */
	__u16 port;
	__u8 class;
};

static __always_inline void write_tail(struct outer_tail *tail, const struct ethhdr *inner,
				       const struct outer_plan *plan, __u32 length)
{
	tail->inner = *inner;
	tail->udp.source = bpf_htons(plan->port);
	tail->udp.dest = bpf_htons(plan->config->vxlan_port);
	tail->udp.len = bpf_htons(length);
	tail->udp.check = 0; /* RFC 7348: over IPv4 it should be zero; RFC 6935: over IPv6 it may be */
	tail->vxlan.flags = bpf_htonl(VXLAN_FLAGS);
	tail->vxlan.vni = bpf_htonl(plan->vni << 8);
}

static __always_inline int write_outer_v4(struct __sk_buff *skb, const struct outer_plan *plan)
{
	struct outer_v4 *outer = data_start(skb);

	if ((void *)(outer + 1) > data_end(skb))
		return -1;
	write_tail(&outer->tail, &outer->eth, plan, plan->length - sizeof(outer->ip));
	outer->eth.h_proto = bpf_htons(ETH_P_IP);
	__builtin_memset(&outer->ip, 0, sizeof(outer->ip));
	outer->ip.version = 4;
	outer->ip.ihl = sizeof(outer->ip) / 4;
	outer->ip.tos = plan->class;
	outer->ip.tot_len = bpf_htons(plan->length);
	outer->ip.id = bpf_get_prandom_u32();
	outer->ip.ttl = TUNNEL_TTL;
	outer->ip.protocol = IPPROTO_UDP;
	outer->ip.saddr = plan->config->vtep.word[3];
	outer->ip.daddr = plan->vtep->word[3];
	outer->ip.check = checksum_v4(outer);
	return 0;
}

static __always_inline int write_outer_v6(struct __sk_buff *skb, const struct outer_plan *plan)
{
	struct outer_v6 *outer = data_start(skb);

	if ((void *)(outer + 1) > data_end(skb))
		return -1;
	write_tail(&outer->tail, &outer->eth, plan, plan->length - sizeof(outer->ip));
	outer->eth.h_proto = bpf_htons(ETH_P_IPV6);
	__builtin_memset(&outer->ip, 0, sizeof(outer->ip));
	outer->ip.version = 6;
	outer->ip.priority = plan->class >> 4;
	outer->ip.flow_lbl[0] = plan->class << 4;
	outer->ip.payload_len = bpf_htons(plan->length - sizeof(outer->ip));
	outer->ip.nexthdr = IPPROTO_UDP;
	outer->ip.hop_limit = TUNNEL_TTL;
	__builtin_memcpy(&outer->ip.saddr, &plan->config->vtep, sizeof(outer->ip.saddr));
	__builtin_memcpy(&outer->ip.daddr, plan->vtep, sizeof(outer->ip.daddr));
	return 0;
}

/* Encapsulates a packet. Returns a verdict; -1: nothing was done to the packet, the device shall send it. */
static __always_inline int encapsulate(struct __sk_buff *skb, __u32 vni, const struct address *vtep, int is_v6,
				       const struct node_config *config)
{
	struct bpf_fib_lookup route = {.ifindex = LOOPBACK_IFINDEX, .l4_protocol = IPPROTO_UDP};
	struct outer_plan plan = {.config = config, .vtep = vtep, .vni = vni};
	struct bpf_redir_neigh next = {};
	__u32 overhead = is_v6 ? OVERHEAD_V6 : OVERHEAD_V4;
	__u32 longest;
	int room;

	if (!config || is_mapped_v4(&config->vtep) == is_v6)
		return -1;
	plan.length = skb->len + overhead - ETH_HLEN;
	if (plan.length > 0xffff)
		return -1;
	plan.port = FIRST_SOURCE_PORT + (bpf_get_hash_recalc(skb) & SOURCE_PORTS);
	plan.class = traffic_class(skb); /* RFC 2983 uniform, RFC 6040 */
	route.sport = bpf_htons(plan.port);
	route.dport = bpf_htons(config->vxlan_port);
	/* The kernel compares it with the path's MTU. */
	longest = segment_length(skb) + overhead;
	route.tot_len = longest > 0xffff ? 0xffff : longest;
	if (is_v6) {
		route.family = AF_INET6;
		route.flowinfo = bpf_htonl((__u32)(plan.class & DSCP) << 20);
		__builtin_memcpy(route.ipv6_src, &config->vtep, sizeof(route.ipv6_src));
		__builtin_memcpy(route.ipv6_dst, vtep, sizeof(route.ipv6_dst));
	} else {
		route.family = AF_INET;
		route.tos = plan.class & DSCP;
		route.ipv4_src = config->vtep.word[3];
		route.ipv4_dst = vtep->word[3];
	}
	/* As for a packet of the node itself: `ifindex` is where it comes from. */
	if (bpf_fib_lookup(skb, &route, sizeof(route), BPF_FIB_LOOKUP_SKIP_NEIGH) ||
	    !bpf_map_lookup_elem(&underlays, &route.ifindex))
		return -1;
	room = make_room(skb, is_v6);
	if (room < 0)
		return -1;
	if (room == ROOM_IS_WRONG || (is_v6 ? write_outer_v6(skb, &plan) : write_outer_v4(skb, &plan)))
		return TC_ACT_SHOT;
	skb->mark = 0;
	next.nh_family = route.family;
	__builtin_memcpy(&next.ipv6_nh, &route.ipv6_dst, sizeof(next.ipv6_nh));
	count_event(EVENT_ENCAPSULATED);
	return bpf_redirect_neigh(route.ifindex, &next, sizeof(next), 0);
}

#endif
