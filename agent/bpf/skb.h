/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Access to the bytes of an skb.
 */
#ifndef HEDDLE_SKB_H
#define HEDDLE_SKB_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* A load that the compiler neither repeats nor splits, for memory that another CPU may write at the same time. */
#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))

static __always_inline void *data_start(struct __sk_buff *skb)
{
	return (void *)(long)skb->data;
}

static __always_inline void *data_end(struct __sk_buff *skb)
{
	return (void *)(long)skb->data_end;
}

/* Loads bytes of the packet. Headers are nearly always in the linear part, which needs no call of a helper. */
static __always_inline int load(struct __sk_buff *skb, __u32 offset, void *to, __u32 length)
{
	void *from = data_start(skb) + offset;

	if (from + length > data_end(skb))
		return bpf_skb_load_bytes(skb, offset, to, length);
	__builtin_memcpy(to, from, length);
	return 0;
}

static __always_inline int is_ip(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(ETH_P_IP) || skb->protocol == bpf_htons(ETH_P_IPV6);
}

/* Whether a frame has a VLAN tag. Networks are separated by VNI, so frames of pods must have none. */
static __always_inline int is_tagged(struct __sk_buff *skb)
{
	return skb->vlan_present || skb->protocol == bpf_htons(ETH_P_8021Q) || skb->protocol == bpf_htons(ETH_P_8021AD);
}

/* Folds a sum of words to a checksum (RFC 1071). */
static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

#endif
