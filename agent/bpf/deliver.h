/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * The last step of every program: it sends the packet to a pod, to a function or to another node, or drops it with a
 * reason.
 */
#ifndef HEDDLE_DELIVER_H
#define HEDDLE_DELIVER_H

#include <linux/if_packet.h>
#include <linux/pkt_cls.h>

#include "encapsulate.h"

static __always_inline int same_mac(const __u8 a[6], const __u8 b[6])
{
	for (int i = 0; i < ETH_ALEN; i++) {
		if (a[i] != b[i])
			return 0;
	}
	return 1;
}

/* Checks a frame from a veth: it must be untagged and come from the MAC of its Port. Fills `eth`. */
static __always_inline enum drop_reason check_frame(struct __sk_buff *skb, const struct port *port, struct ethhdr *eth)
{
	if (is_tagged(skb))
		return DROP_VLAN;
	if (load(skb, 0, eth, sizeof(*eth)))
		return DROP_MALFORMED;
	return same_mac(eth->h_source, port->mac) ? DROP_NONE : DROP_SPOOFED_MAC;
}

static __always_inline void add_traffic(struct traffic *traffic, __u32 bytes)
{
	if (traffic) {
		traffic->packets++;
		traffic->bytes += bytes;
	}
}

/* Drops a packet and counts it by reason. It is a subprogram because it is the cold path, and so that BTF has the enum:
 * the agent takes the names of its counters from there. */
static __noinline int drop(struct __sk_buff *skb, enum drop_reason reason)
{
	__u32 key = reason;

	add_traffic(bpf_map_lookup_elem(&drops, &key), skb->len);
	return TC_ACT_SHOT;
}

/* Adds a packet to a counter, and creates the counter with the first packet. */
static __always_inline void count_traffic(void *map, const void *key, __u32 bytes)
{
	struct traffic first = {1, bytes};
	struct traffic *known = bpf_map_lookup_elem(map, key);

	if (known)
		add_traffic(known, bytes);
	else
		bpf_map_update_elem(map, key, &first, BPF_NOEXIST);
}

/* Drops a packet, and also counts it for the hop of its context. */
static __noinline int drop_at(struct __sk_buff *skb, const struct context *context,
			      enum drop_reason reason)
{
	struct hop_drop_key key = {.reason = reason};

	if (context) {
		key.hop.path = context->path;
		key.hop.slot = context->position;
		count_traffic(&hop_drops, &key, skb->len);
	}
	return drop(skb, reason);
}

static __noinline const struct endpoint *find_endpoint(__u32 vni, const struct address *address)
{
	struct address_key exact = {.vni = vni, .address = *address};
	struct prefix_key longest = {.prefixlen = 32 + 128, .vni = vni, .address = *address};
	const struct host *host = bpf_map_lookup_elem(&addresses, &exact);

	_Static_assert(offsetof(struct host, lock) == offsetof(struct endpoint, pad), "a host is an endpoint");
	return host ? (const struct endpoint *)host : bpf_map_lookup_elem(&prefixes, &longest);
}

static __always_inline int write_macs(struct __sk_buff *skb, const __u8 destination[6], const __u8 source[6])
{
	struct ethhdr *eth = data_start(skb);

	if ((void *)(eth + 1) > data_end(skb))
		return -1;
	__builtin_memcpy(eth->h_dest, destination, ETH_ALEN);
	__builtin_memcpy(eth->h_source, source, ETH_ALEN);
	return 0;
}

/* Sends a packet into the namespace behind a host side veth, without its qdisc and its backlog. */
static __always_inline int redirect_to_peer(struct __sk_buff *skb, __u32 ifindex, __u32 mark)
{
	/* The MAC is not the host side's own, so the veth has set OTHERHOST, and the pod's stack would drop the packet. */
	if (skb->pkt_type != PACKET_HOST)
		bpf_skb_change_type(skb, PACKET_HOST);
	skb->mark = mark;
	return bpf_redirect_peer(ifindex, 0);
}

/* Writes the tunnel key for a packet to `vtep`. Returns the ifindex of the VXLAN device; 0: it failed. */
static __noinline __u32 set_tunnel(struct __sk_buff *skb, __u32 vni, const struct address *vtep,
				   int vtep_is_v6)
{
	struct bpf_tunnel_key key = {.tunnel_id = vni, .tunnel_ttl = TUNNEL_TTL, .tunnel_tos = traffic_class(skb)};
	__u64 flags = BPF_F_ZERO_CSUM_TX; /* RFC 7348: the outer UDP checksum over IPv4 should be zero */
	__u32 zero = 0;
	const struct node_config *config = bpf_map_lookup_elem(&node, &zero);

	if (!config || !vtep)
		return 0;
	if (vtep_is_v6) {
		__builtin_memcpy(key.remote_ipv6, vtep, sizeof(key.remote_ipv6));
		flags = BPF_F_TUNINFO_IPV6;
	} else {
		key.remote_ipv4 = bpf_ntohl(vtep->word[3]);
	}
	if (bpf_skb_set_tunnel_key(skb, &key, sizeof(key), flags))
		return 0;
	skb->mark = 0;
	return config->vxlan_ifindex;
}

/* Sends a packet to another node: encapsulated here, or by the VXLAN device where the kernel must see to it. */
static __noinline int send_to_node(struct __sk_buff *skb, __u32 vni, const struct address *vtep, int vtep_is_v6)
{
	__u32 zero = 0;
	__u32 ifindex;
	int verdict;

	if (!vtep)
		return drop(skb, DROP_REDIRECT);
	verdict = encapsulate(skb, vni, vtep, !!vtep_is_v6, bpf_map_lookup_elem(&node, &zero));
	if (verdict >= 0)
		return verdict == TC_ACT_SHOT ? drop(skb, DROP_REDIRECT) : verdict;
	ifindex = set_tunnel(skb, vni, vtep, vtep_is_v6);
	if (!ifindex)
		return drop(skb, DROP_REDIRECT);
	count_event(EVENT_BY_DEVICE);
	return bpf_redirect(ifindex, 0);
}

static __always_inline int clone_to_node(struct __sk_buff *skb, __u32 vni, const struct address *vtep, int vtep_is_v6)
{
	__u32 ifindex = set_tunnel(skb, vni, vtep, vtep_is_v6);

	return ifindex ? bpf_clone_redirect(skb, ifindex, 0) : 0;
}

static __always_inline int deliver_to(struct __sk_buff *skb, __u32 vni, const struct endpoint *endpoint,
				      const __u8 *source_mac)
{
	if (!endpoint || !(endpoint->flags & ENDPOINT_F_PORT))
		return drop(skb, DROP_UNKNOWN_DESTINATION);
	if (write_macs(skb, endpoint->mac, source_mac))
		return drop(skb, DROP_MALFORMED);
	if (!endpoint->ifindex)
		return send_to_node(skb, vni, &endpoint->vtep, endpoint->flags & ENDPOINT_F_VTEP_V6);
	add_traffic(bpf_map_lookup_elem(&port_tx, &endpoint->ifindex), skb->len);
	return redirect_to_peer(skb, endpoint->ifindex, 0);
}

/* Loads the destination address of the IP header itself, also of an ICMP error or a fragment. */
static __always_inline enum drop_reason load_destination(struct __sk_buff *skb, struct address *out)
{
	__be32 address;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		if (bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct iphdr, daddr), &address, sizeof(address)))
			return DROP_MALFORMED;
		map_ipv4(out, address);
		return DROP_NONE;
	}
	if (skb->protocol != bpf_htons(ETH_P_IPV6))
		return DROP_NOT_IP;
	if (bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct ipv6hdr, daddr), out, sizeof(*out)))
		return DROP_MALFORMED;
	return is_mapped_v4(out) ? DROP_MALFORMED : DROP_NONE; /* see has_mapped_address */
}

#endif
