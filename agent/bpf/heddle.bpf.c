// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The programs of the data path. A packet's way:
//
//   pod --veth--> pod_ingress: whose packet is it, which path? ──┐
//                                                                ├─> the function (mark) or its node (VXLAN)
//   function --fn_egress (mark -> MAC)--veth--> fn_ingress: next ┤
//                                                                └─> the destination's pod or its node
//   other node --VXLAN--> vxlan_ingress: for which pod or function here?
//   agent --heddle-probe0--> probe_ingress: into a function, or to another node and back
//
// See docs/datapath.md for the whole picture, and maps.h for what the agent fills in.
#include <stddef.h>

#include "packet.h"
#include "classify.h"
#include "neighbour.h"
#include "probe.h"
#include "receive.h"
#include "steer.h"
#include "straight.h"
#include "toobig.h"
#include "translate.h"

static __always_inline int is_tagged(struct __sk_buff *skb)
{
	return skb->vlan_present || skb->protocol == bpf_htons(ETH_P_8021Q) || skb->protocol == bpf_htons(ETH_P_8021AD);
}

static __always_inline __u64 class_of(__u32 vni, __u32 bank, const struct address *address)
{
	const struct endpoint *endpoint = find_endpoint(vni, address);

	return endpoint ? endpoint->class_id[bank & 1] : 0;
}

/* So often a classification begins again because the policy was switched in its midst. */
#define SWITCH_TRIES 4

/*
 * Which path, by one policy: the classes of both ends and the rules of their pair belong to one bank of the network.
 * The agent takes the old ones away as soon as it has switched, so a switch in between means to look again.
 */
static __noinline int classify_packet(const struct network *network, const struct endpoint *source,
						     const struct endpoint *destination, struct work *work)
{
	if (!network || !source || !work)
		return 0;
	for (int i = 0; i < SWITCH_TRIES; i++) {
		__u32 bank = *(const volatile __u32 *)&network->bank;

		if (work->packet.is_icmp_error) /* its flow has other ends than the packet */
			work->match = classify(class_of(work->vni, bank, &work->packet.flow_source),
					       class_of(work->vni, bank, &work->packet.flow_destination),
					       bank, &work->packet);
		else
			work->match = classify(source->class_id[bank & 1],
					       destination ? destination->class_id[bank & 1] : 0, bank,
					       &work->packet);
		if (*(const volatile __u32 *)&network->bank == bank)
			return 0;
	}
	return 0;
}

/* An answer to what a function sent here: it enters the path from its end. */
static __always_inline int send_back(struct __sk_buff *skb, const struct port *port, struct work *work, struct end *end)
{
	if (!(end->flags & END_F_ANSWERED))
		end->flags |= END_F_ANSWERED;
	work->context.path = end->path;
	work->key.path = end->path;
	work->context.is_reply = 1;
	work->context.position = work->path.hops - 1;
	work->emitter_position = work->path.hops;
	__builtin_memcpy(work->source_mac, port->mac, ETH_ALEN);
	return steer(skb, &work->path, work);
}

/* Past the function, to the flow's other end. */
static __always_inline int send_translated(struct __sk_buff *skb, const struct port *port, const struct work *work,
				  const struct end *end, const struct endpoint *destination)
{
	if (translate(skb, &work->packet, end))
		return drop(skb, DROP_MALFORMED);
	count_event(EVENT_STRAIGHT);
	return deliver_to(skb, work->vni, destination, port->mac);
}

/* First hop of the path in the packet's direction, or straight to its destination when no chain takes it. */
static __noinline int classify_and_send(struct __sk_buff *skb, const struct port *port,
						       const struct endpoint *source, struct work *work)
{
	const struct network *network;
	const struct path_view *path;
	const struct endpoint *destination;
	struct end *end;

	if (!port || !source || !work)
		return drop(skb, DROP_MALFORMED);
	network = bpf_map_lookup_elem(&networks, &work->vni);
	if (!network)
		return drop(skb, DROP_UNKNOWN_NETWORK);
	if (is_too_big(skb, &work->packet, network->mtu)) {
		drop(skb, DROP_TOO_BIG);
		return answer_too_big(skb, &work->packet, network->mtu, 0);
	}
	if (network->flags & NETWORK_F_ENDS) {
		make_flow_key(work);
		end = find_end(work);
		destination = end ? find_straight(end, work) : 0;
		if (destination)
			return send_translated(skb, port, work, end, destination);
		if (end && end->flags & END_F_ANSWERS)
			return send_back(skb, port, work, end);
	}
	destination = find_endpoint(work->vni, &work->packet.destination);
	classify_packet(network, source, destination, work);
	if (!work->match.ways)
		return deliver_to(skb, work->vni, destination, port->mac);
	path = find_path(work, work->match.path);
	if (!path || path->vni != work->vni)
		return drop(skb, DROP_UNKNOWN_PATH);
	work->context.path = work->match.path;
	if (network->flags & NETWORK_F_ENDS)
		work->key.path = work->match.path;
	else
		make_flow_key(work);
	work->context.is_reply = work->match.ways == (MATCHES_FORWARD | MATCHES_REPLY)
					 ? is_reply_of_flow(work)
					 : work->match.ways == MATCHES_REPLY;
	if ((path->flags & PATH_F_STRAIGHT) && work->packet.is_amid) {
		work->key.segment = senders_segment(path, &work->context);
		if (may_go_straight(path, work)) {
			count_event(EVENT_STRAIGHT);
			return deliver_to(skb, work->vni, destination, port->mac);
		}
	}
	work->context.position = work->context.is_reply ? path->hops - 1 : 0;
	work->emitter_position = path->hops;
	__builtin_memcpy(work->source_mac, port->mac, ETH_ALEN);
	return steer(skb, path, work);
}

/* What every frame from a veth must be: untagged, from the MAC of its Port. `eth` is filled. */
static __always_inline enum drop_reason check_frame(struct __sk_buff *skb, const struct port *port, struct ethhdr *eth)
{
	if (is_tagged(skb))
		return DROP_VLAN;
	if (load(skb, 0, eth, sizeof(*eth)))
		return DROP_MALFORMED;
	return same_mac(eth->h_source, port->mac) ? DROP_NONE : DROP_SPOOFED_MAC;
}

/* Ingress of a pod's host side veth: every packet that the pod sends. */
SEC("tc")
int pod_ingress(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex;
	const struct port *port = bpf_map_lookup_elem(&ports, &ifindex);
	struct work *work = begin_work();
	const struct endpoint *source;
	enum drop_reason reason;
	struct ethhdr eth;

	if (!port || !work || port->flags & PORT_F_INSTANCE)
		return drop(skb, DROP_UNKNOWN_PORT);
	reason = check_frame(skb, port, &eth);
	if (reason)
		return drop(skb, reason);
	if (eth.h_proto == bpf_htons(ETH_P_ARP))
		return answer_arp(skb, port);
	if (!is_ip(skb))
		return drop(skb, DROP_NOT_IP);
	if (eth.h_proto == bpf_htons(ETH_P_IPV6) && is_solicitation(skb))
		return answer_solicitation(skb, port);
	if (eth.h_dest[0] & 1)
		return drop(skb, DROP_MULTICAST);
	__builtin_memset(&work->context, 0, sizeof(work->context));
	work->emitter = 0;
	work->vni = port->vni;
	reason = parse_work(skb, work);
	if (reason)
		return drop(skb, reason);
	if (is_discovery(skb, &work->packet))
		return drop(skb, DROP_MULTICAST);
	source = find_endpoint(port->vni, &work->packet.source);
	if (!source || source->ifindex != ifindex)
		return drop(skb, DROP_SPOOFED_SOURCE);
	add_traffic(bpf_map_lookup_elem(&port_rx, &ifindex), skb->len);
	return classify_and_send(skb, port, source, work);
}

/* The function hears of it as if the next hop had said so. */
static __noinline int refuse_of_function(struct __sk_buff *skb, const struct work *work, __u32 mtu)
{
	struct context back;

	if (!work)
		return drop(skb, DROP_MALFORMED);
	drop_at(skb, &work->context, DROP_TOO_BIG);
	back = work->context;
	back.is_reply = !back.is_reply;
	return answer_too_big(skb, &work->packet, mtu, encode_mark(&back));
}

/* Out of chain0: its own MAC is the source, the context is where fn_egress has put it. */
static __always_inline enum drop_reason read_own(struct __sk_buff *skb, const struct port *port, struct ethhdr *eth,
					struct context *context)
{
	enum drop_reason reason = check_frame(skb, port, eth);

	if (reason)
		return reason;
	if (eth->h_dest[0] != CTX_MAC_TO)
		return DROP_NO_CONTEXT;
	decode_mac(eth->h_dest, context);
	return DROP_NONE;
}

/*
 * Out of left or right: the frame as it went in by the other one. Or an answer to it, its addresses exchanged, by the one
 * that it came in by. Its context names this very instance, and a direction that leaves here.
 */
static __noinline enum drop_reason read_frame(struct __sk_buff *skb, const struct port *port,
							      struct ethhdr *eth, struct context *context)
{
	int is_answer;

	if (!port || !eth || !context)
		return DROP_MALFORMED;
	if (is_tagged(skb))
		return DROP_VLAN;
	if (load(skb, 0, eth, sizeof(*eth)))
		return DROP_MALFORMED;
	is_answer = eth->h_dest[0] != CTX_MAC_TO;
	if (is_answer && eth->h_source[0] != CTX_MAC_TO) /* its kernel's or its bridge's own greetings, mostly */
		return eth->h_dest[0] & 1 ? DROP_MULTICAST : DROP_NO_CONTEXT;
	if (decode_mac(is_answer ? eth->h_source : eth->h_dest, context) != port->instance)
		return DROP_WRONG_CONTEXT;
	if (is_answer)
		context->is_reply = !context->is_reply;
	return context->is_reply == !(port->flags & PORT_F_LEFT) ? DROP_WRONG_CONTEXT : DROP_NONE;
}

/* Ingress of the host side of a function's interface: what it forwarded, or made itself. */
SEC("tc")
int fn_ingress(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex;
	const struct port *port = bpf_map_lookup_elem(&ports, &ifindex);
	struct work *work = begin_work();
	enum drop_reason reason;
	const struct path_view *path;
	const struct hop *hop;
	struct ethhdr eth;
	__u32 mtu;

	if (!port || !work || !(port->flags & PORT_F_INSTANCE))
		return drop(skb, DROP_UNKNOWN_PORT);
	reason = port->flags & PORT_F_FRAMES ? read_frame(skb, port, &eth, &work->context)
					      : read_own(skb, port, &eth, &work->context);
	if (reason)
		return drop(skb, reason);
	if (work->context.is_probe)
		return count_probe(skb, port->instance);
	path = find_path(work, work->context.path);
	if (!path)
		return drop(skb, DROP_UNKNOWN_PATH);
	hop = work->context.position < path->hops ? find_hop(path, &work->context) : 0;
	if (!hop || hop->pool != port->pool) /* an instance speaks for the paths that its function is on */
		return drop(skb, DROP_WRONG_CONTEXT);
	if (!is_ip(skb))
		return drop(skb, DROP_NOT_IP);
	work->vni = path->vni;
	work->emitter = port->instance;
	work->emitter_position = work->context.position;
	work->context.bounces = 0;
	reason = parse_work(skb, work);
	if (reason)
		return drop_at(skb, &work->context, reason);
	mtu = skb->len > SMALLEST_MTU + ETH_HLEN ? mtu_of(work->vni) : 0;
	if (mtu && is_too_big(skb, &work->packet, mtu))
		return refuse_of_function(skb, work, mtu);
	make_flow_key(work);
	encode_mac(work->source_mac, CTX_MAC_FROM, &work->context, port->instance);
	work->context.position = next_position(&work->context);
	return steer(skb, path, work);
}

/* Egress of chain0, inside the function's namespace: veth clears marks, so the context moves into the MAC. */
SEC("tc")
int fn_egress(struct __sk_buff *skb)
{
	struct context context = {};
	__u8 destination[ETH_ALEN];
	struct ethhdr *eth;

	eth = start_of(skb);
	if ((void *)(eth + 1) > end_of(skb))
		return drop(skb, DROP_MALFORMED);
	if (!(skb->mark & MARK_CONTEXT)) /* a kernel reports the groups it is in at any time */
		return drop(skb, eth->h_dest[0] & 1 ? DROP_MULTICAST : DROP_NO_CONTEXT);
	decode_mark(skb->mark, &context);
	if (!skb->ingress_ifindex) /* born here (a reject, an ICMP error): it goes back where its cause came from */
		context.is_reply = !context.is_reply;
	encode_mac(destination, CTX_MAC_TO, &context, 0);
	__builtin_memcpy(eth->h_dest, destination, ETH_ALEN);
	return TC_ACT_OK;
}

static __always_inline int sender_vtep(struct __sk_buff *skb, __u32 *vni, struct address *vtep)
{
	struct bpf_tunnel_key key = {};

	if (!bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0)) {
		map_ipv4(vtep, bpf_htonl(key.remote_ipv4));
	} else if (!bpf_skb_get_tunnel_key(skb, &key, sizeof(key), BPF_F_TUNINFO_IPV6)) {
		__builtin_memcpy(vtep, key.remote_ipv6, sizeof(*vtep));
	} else {
		return -1;
	}
	*vni = key.tunnel_id;
	return 0;
}

/* Ingress of the one VXLAN device. */
SEC("tc")
int vxlan_ingress(struct __sk_buff *skb)
{
	struct work *work = begin_work();
	struct address vtep;
	struct ethhdr eth;

	if (!work || sender_vtep(skb, &work->vni, &vtep))
		return drop(skb, DROP_MALFORMED);
	if (!bpf_map_lookup_elem(&vteps, &vtep))
		return drop(skb, DROP_UNKNOWN_VTEP);
	if (work->vni == HEARTBEAT_VNI)
		return receive_heartbeat(skb, &vtep);
	if (!bpf_map_lookup_elem(&networks, &work->vni))
		return drop(skb, DROP_UNKNOWN_NETWORK);
	if (is_tagged(skb))
		return drop(skb, DROP_VLAN);
	if (bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)))
		return drop(skb, DROP_MALFORMED);
	if (eth.h_dest[0] & 1)
		return drop(skb, DROP_MULTICAST);
	if (!is_ip(skb))
		return drop(skb, DROP_NOT_IP);
	return eth.h_dest[0] == CTX_MAC_TO ? receive_for_instance(skb, &eth, work)
					   : receive_for_port(skb, &eth, work);
}

/* Ingress of the device that the agent writes probes to. */
SEC("tc")
int probe_ingress(struct __sk_buff *skb)
{
	return send_probe(skb);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
