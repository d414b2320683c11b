/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * The headers before a packet between nodes: VXLAN (RFC 7348) over IPv4 or IPv6.
 */
#ifndef HEDDLE_OUTER_H
#define HEDDLE_OUTER_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "skb.h"

/* linux/bpf.h has these since Linux 6.5; the headers of the build may be older than the kernel. */
#define ADJ_ROOM_DECAP_L3_IPV4 (1ULL << 7)
#define ADJ_ROOM_DECAP_L3_IPV6 (1ULL << 8)

#define VXLAN_FLAGS 0x08000000 /* the VNI is valid; all reserved bits are 0 */

struct vxlan {
	__be32 flags;
	__be32 vni; /* 24 bits, and 8 reserved */
};

/* What is behind the outer IP header. */
struct outer_tail {
	struct udphdr udp;
	struct vxlan vxlan;
	struct ethhdr inner;
} __attribute__((packed));

struct outer_v4 {
	struct ethhdr eth;
	struct iphdr ip;
	struct outer_tail tail;
} __attribute__((packed));

struct outer_v6 {
	struct ethhdr eth;
	struct ipv6hdr ip;
	struct outer_tail tail;
} __attribute__((packed));

#define OVERHEAD_V4 (sizeof(struct outer_v4) - sizeof(struct ethhdr))
#define OVERHEAD_V6 (sizeof(struct outer_v6) - sizeof(struct ethhdr))

/* The checksum of the outer IP header; 0 if it has the right one. */
static __always_inline __u16 checksum_v4(const struct outer_v4 *outer)
{
	const __u16 *word = (const void *)outer + offsetof(struct outer_v4, ip);
	__u32 sum = 0;

	for (int i = 0; i < (int)sizeof(outer->ip) / 2; i++)
		sum += word[i];
	return fold(sum);
}

#define DSCP 0xfc
#define ECN 3

/* Traffic class (DSCP and ECN) of an IP packet. */
static __always_inline __u8 traffic_class(struct __sk_buff *skb)
{
	__u8 byte[2] = {};

	load(skb, ETH_HLEN, byte, sizeof(byte));
	return skb->protocol == bpf_htons(ETH_P_IP) ? byte[1] : (__u8)(byte[0] << 4 | byte[1] >> 4);
}

static __noinline int write_class(struct __sk_buff *skb, __u8 class)
{
	union {
		__u8 byte[2];
		__be16 word;
	} before, after;

	if (!is_ip(skb) || bpf_skb_load_bytes(skb, ETH_HLEN, before.byte, sizeof(before)))
		return -1;
	after = before;
	if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		after.byte[0] = (before.byte[0] & 0xf0) | class >> 4;
		after.byte[1] = (before.byte[1] & 0x0f) | class << 4;
		return bpf_skb_store_bytes(skb, ETH_HLEN, after.byte, sizeof(after), BPF_F_RECOMPUTE_CSUM);
	}
	after.byte[1] = class;
	return bpf_skb_store_bytes(skb, ETH_HLEN, after.byte, sizeof(after), 0) ||
	       bpf_l3_csum_replace(skb, ETH_HLEN + offsetof(struct iphdr, check), before.word, after.word, sizeof(after));
}

/* Gives a packet the DSCP that its outer header has: the fabric may have changed it (RFC 2983, uniform). 0 changes nothing:
 * nodes of 0.1.0 send it whatever the packet has, and so do fabrics that know no DSCP. */
static __always_inline void restore_dscp(struct __sk_buff *skb, __u8 outer)
{
	__u8 inner = traffic_class(skb);

	if (outer & DSCP && (outer ^ inner) & DSCP)
		write_class(skb, (outer & DSCP) | (inner & ECN));
}

#endif
