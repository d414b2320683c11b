/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Answers ARP (RFC 826) and neighbour discovery (RFC 4861) from the address map. Nothing is flooded, and the map alone
 * decides which MAC belongs to an address.
 */
#ifndef HEDDLE_NEIGHBOUR_H
#define HEDDLE_NEIGHBOUR_H

#include "deliver.h"

#define ARPOP_REQUEST 1 /* linux/if_arp.h needs the C library */
#define ARPOP_REPLY 2

struct arp_packet {
	__be16 hardware, protocol;
	__u8 hardware_length, protocol_length;
	__be16 operation;
	__u8 sender_mac[6], sender_ip[4], target_mac[6], target_ip[4];
};

#define ND_ROUTER_SOLICIT 133
#define ND_SOLICIT 135
#define ND_ADVERT 136
#define ND_REDIRECT 137
#define ND_OPTION_TARGET_LINK 2
#define ND_FLAGS_SOLICITED_OVERRIDE 0x60
#define ND_LENGTH 32 /* ICMPv6 header, target, one link-layer option */

struct nd_packet {
	__u8 type, code;
	__be16 checksum;
	__u8 flags, reserved[3];
	struct address target;
	__u8 option_type, option_length, option_mac[6];
};

/* The endpoint of `target` if it is another Port of the network or a load balancer's address, else 0. */
static __always_inline const struct endpoint *find_neighbour(struct __sk_buff *skb, __u32 vni, const struct address *target)
{
	const struct endpoint *endpoint = find_endpoint(vni, target);

	if (!endpoint || !(endpoint->flags & (ENDPOINT_F_PORT | ENDPOINT_F_VIRTUAL)) ||
	    endpoint->ifindex == skb->ifindex)
		return 0;
	return endpoint;
}

static __noinline int answer_arp(struct __sk_buff *skb, const struct port *port)
{
	struct arp_packet arp;
	const struct endpoint *endpoint;
	struct address target, sender;
	__u8 asked[4];
	__be32 ip;

	if (!port || bpf_skb_load_bytes(skb, ETH_HLEN, &arp, sizeof(arp)))
		return drop(skb, DROP_MALFORMED);
	if (arp.operation != bpf_htons(ARPOP_REQUEST))
		return drop(skb, DROP_MULTICAST); /* announcements and spoofed replies: only the map decides */
	__builtin_memcpy(&ip, arp.sender_ip, sizeof(ip));
	map_ipv4(&sender, ip);
	endpoint = ip ? find_endpoint(port->vni, &sender) : 0;
	if (ip && (!endpoint || endpoint->ifindex != skb->ifindex))
		return drop(skb, DROP_SPOOFED_SOURCE);
	__builtin_memcpy(&ip, arp.target_ip, sizeof(ip));
	map_ipv4(&target, ip);
	endpoint = find_neighbour(skb, port->vni, &target);
	if (!endpoint)
		return drop(skb, DROP_NO_NEIGHBOUR);
	arp.operation = bpf_htons(ARPOP_REPLY);
	__builtin_memcpy(asked, arp.target_ip, sizeof(asked));
	__builtin_memcpy(arp.target_ip, arp.sender_ip, sizeof(arp.target_ip));
	__builtin_memcpy(arp.target_mac, port->mac, ETH_ALEN);
	__builtin_memcpy(arp.sender_ip, asked, sizeof(arp.sender_ip));
	__builtin_memcpy(arp.sender_mac, endpoint->mac, ETH_ALEN);
	if (write_macs(skb, port->mac, endpoint->mac) || bpf_skb_store_bytes(skb, ETH_HLEN, &arp, sizeof(arp), 0))
		return drop(skb, DROP_MALFORMED);
	return redirect_to_peer(skb, skb->ifindex, 0);
}

static __always_inline void checksum_nd(const struct ipv6hdr *ip, struct nd_packet *nd)
{
	__be32 pseudo[2] = {bpf_htonl(ND_LENGTH), bpf_htonl(IPPROTO_ICMPV6)};
	__s64 sum;

	nd->checksum = 0;
	sum = bpf_csum_diff(0, 0, (__be32 *)&ip->saddr, 32, 0);
	sum = bpf_csum_diff(0, 0, pseudo, sizeof(pseudo), sum);
	sum = bpf_csum_diff(0, 0, (__be32 *)nd, sizeof(*nd), sum);
	nd->checksum = fold(sum);
}

/* Answers a neighbour solicitation; the caller has checked that the packet is one. */
static __noinline int answer_solicitation(struct __sk_buff *skb, const struct port *port)
{
	struct ipv6hdr ip;
	struct nd_packet nd = {};
	const struct endpoint *endpoint;

	if (!port || bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) ||
	    bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), &nd, offsetof(struct nd_packet, option_type)))
		return drop(skb, DROP_MALFORMED);
	if (ip.hop_limit != 255 || nd.code)
		return drop(skb, DROP_MALFORMED); /* RFC 4861 7.1.1 */
	endpoint = find_neighbour(skb, port->vni, &nd.target);
	/* A source of :: is duplicate address detection; the operator keeps addresses unique. */
	if (!endpoint || !(ip.saddr.s6_addr32[0] | ip.saddr.s6_addr32[1] | ip.saddr.s6_addr32[2] |
			   ip.saddr.s6_addr32[3]))
		return drop(skb, DROP_NO_NEIGHBOUR);
	ip.daddr = ip.saddr;
	__builtin_memcpy(&ip.saddr, &nd.target, sizeof(ip.saddr));
	ip.payload_len = bpf_htons(ND_LENGTH);
	nd.type = ND_ADVERT;
	nd.flags = ND_FLAGS_SOLICITED_OVERRIDE;
	nd.option_type = ND_OPTION_TARGET_LINK;
	nd.option_length = 1;
	__builtin_memcpy(nd.option_mac, endpoint->mac, ETH_ALEN);
	checksum_nd(&ip, &nd);
	if (bpf_skb_change_tail(skb, ETH_HLEN + sizeof(ip) + ND_LENGTH, 0) ||
	    write_macs(skb, port->mac, nd.option_mac) || bpf_skb_store_bytes(skb, ETH_HLEN, &ip, sizeof(ip), 0) ||
	    bpf_skb_store_bytes(skb, ETH_HLEN + sizeof(ip), &nd, sizeof(nd), 0))
		return drop(skb, DROP_MALFORMED);
	return redirect_to_peer(skb, skb->ifindex, 0);
}

static __always_inline int is_solicitation(struct __sk_buff *skb)
{
	struct {
		__u8 next, hops;
	} ip;
	__u8 type;

	return !bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct ipv6hdr, nexthdr), &ip, sizeof(ip)) &&
	       ip.next == IPPROTO_ICMPV6 &&
	       !bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(struct ipv6hdr), &type, sizeof(type)) && type == ND_SOLICIT;
}

/* Whether a packet is a message of RFC 4861. None is forwarded from pod to pod: solicitations are answered here, and
 * advertisements and redirects of a pod could spoof an address or a router. */
static __always_inline int is_discovery(struct __sk_buff *skb, const struct packet *packet)
{
	__u8 type;

	return packet->protocol == IPPROTO_ICMPV6 && !packet->is_icmp_error && packet->transport &&
	       !bpf_skb_load_bytes(skb, packet->transport, &type, sizeof(type)) && type >= ND_ROUTER_SOLICIT &&
	       type <= ND_REDIRECT;
}

#endif
