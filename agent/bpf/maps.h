/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * All maps, all structs that the programs share with the agent, and the encoding of contexts. The TypeScript codecs
 * (agent/render/generated/layout.ts) are generated from the BTF of the compiled object: `npm run generate`.
 *
 * Addresses are 16 bytes in network order; IPv4 is mapped (::ffff:a.b.c.d), so one map serves both families.
 */
#ifndef HEDDLE_MAPS_H
#define HEDDLE_MAPS_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define RULES_PER_SEGMENT 64 /* a longer list of rules continues in the next segment of its pair of classes */
#define MAX_SEGMENTS 16
#define MAX_HOPS 16
#define TABLE_SLOTS 2039 /* a prime, as Maglev requires */
#define TABLE_SIZE 2048  /* a power of two, as a bound for the verifier; the first slots are repeated behind the last */
#define MAX_BOUNCES 3

/* --- context: path, position and direction of a packet (see docs/architecture.md) --- */
#define CTX_MAC_TO 0x0a   /* first byte of a destination MAC that carries a context */
#define CTX_MAC_FROM 0x0e /* first byte of the source MAC of an emitting instance */
#define CTX_F_PROBE 0x80
#define CTX_F_REPLY 0x40
#define CTX_F_BOUNCES 0x30 /* how often the frame was bounced, because its instance was down on a node */
#define CTX_F_BOUNCES_SHIFT 4
#define CTX_F_POSITION 0x0f

#define MARK_CONTEXT 0x80000000u
#define MARK_PROBE 0x40000000u
#define MARK_REPLY 0x20000000u
#define MARK_POSITION_SHIFT 24
#define MARK_PATH 0x0000ffffu

struct address {
	__u32 word[4];
};

/* --- ports: host side veth of a pod, by ifindex --- */
#define PORT_F_INSTANCE 1 /* an interface of a function: `instance` is set, `vni` is not */
#define PORT_F_LEFT 2     /* `left` of a function that forwards frames between two interfaces: forward packets enter here */
#define PORT_F_RIGHT 4    /* `right` of such a function: forward packets leave here; replies pass in the other direction */
#define PORT_F_FRAMES (PORT_F_LEFT | PORT_F_RIGHT)

struct port {
	__u64 pool; /* the function that an instance belongs to; 0: a pod's Port on a network */
	__u32 vni;
	__u32 instance;
	__u32 flags;
	__u8 mac[6];
	__u16 mtu;
	__u32 pad;
};

/* --- endpoints: an address (hash) or a prefix (LPM) of a network --- */
#define ENDPOINT_F_PORT 1    /* a Port has it: packets can be delivered */
#define ENDPOINT_F_VTEP_V6 2 /* `vtep` is IPv6 */
#define ENDPOINT_F_BACKEND 8 /* a load balancer sends to it */
#define ENDPOINT_F_VIRTUAL 4 /* a load balancer's address: ARP is answered, no Port has it, a path must take its packets */

struct address_key {
	__u32 vni;
	struct address address;
};

struct prefix_key {
	__u32 prefixlen; /* 32 (the vni) + 0..128 */
	__u32 vni;
	struct address address;
};

/* class_id: the class in each bank of the network; 0: no chain names the endpoint. ifindex: the host side veth if the Port
 * is on this node, else 0. */
#define ENDPOINT_FIELDS                                                                                                \
	__u64 class_id[2];                                                                                             \
	__u32 ifindex;                                                                                                 \
	struct address vtep;                                                                                           \
	__u8 mac[6];                                                                                                   \
	__u16 flags;

struct endpoint {
	ENDPOINT_FIELDS
	__u32 pad;
};

/* An endpoint in a hash map (`addresses`). A value with a lock is updated in place (BPF_F_LOCK). A value without a lock is
 * replaced, and the kernel may reuse the old value's memory for another key while a program still reads it. Programs do
 * not take the lock: fields that change together are in one aligned word, or are read again (`network.bank`). */
struct host {
	ENDPOINT_FIELDS
	struct bpf_spin_lock lock;
};

#define NETWORK_F_ENDS 1 /* it has PATH_F_REWRITES paths: packets of its pods are looked up in `ends` first */

struct network {
	__u32 mtu;  /* bytes of an IP packet */
	__u32 bank; /* the lowest bit is the bank in use. A new policy is written into the other bank, then switched to by
		     * adding 1. A program that reads the same value before and after its look-ups has read one policy */
	__u32 flags;
	struct bpf_spin_lock lock;
};

/* --- classifier: (class of source, class of destination) -> rules by precedence --- */
#define RULE_F_REPLY 1 /* a reply: the rule matches the source port, and the packet enters the path at its last hop */

struct rule {
	__u32 path;
	__u8 protocol; /* 0: any */
	__u8 flags;
	__u16 port_first;
	__u16 port_last;
	__u16 pad;
};

struct rules_key {
	__u64 source_class;
	__u64 destination_class;
	__u32 segment;
	__u32 bank; /* the network's bank: each list of rules is in both, and only the bank not in use is changed */
};

struct rules {
	__u32 count;
	__u32 more; /* 1: the list continues in segment + 1 */
	struct rule rule[RULES_PER_SEGMENT];
};

/* --- paths, hops, instances --- */
#define PATH_F_AMBIGUOUS 1 /* `from` and `to` match some pair of addresses in both directions: openers are stored */
#define PATH_F_REWRITES 2  /* some hop is HOP_F_REWRITES */
#define PATH_F_STRAIGHT 4  /* established flows use the fast path (agent/bpf/straight.h) */
#define PATH_F_TRANSLATED 8 /* its one function is a load balancer: established flows use the fast path, and the pods' nodes
			     * translate them by `listeners` */

#define PATH_F_ANY_SOURCE 16 /* a function may send with addresses that no Port has (source NAT) */
#define PATH_F_ANY_BEHIND 32 /* where its load balancers send is not known: an operator of the release before */

/* bank: the hops are at position + 16 * bank, so one write switches to a new list. epoch: a hash of the list of functions;
 * a confirmation of another epoch is not valid. The first 8 bytes are written and read at once. */
#define PATH_FIELDS                                                                                                    \
	__u32 vni;                                                                                                     \
	__u8 hops;                                                                                                     \
	__u8 bank;                                                                                                     \
	__u16 flags;                                                                                                   \
	__u32 epoch;

struct path {
	PATH_FIELDS
	struct bpf_spin_lock lock;
};

/* A program's own copy of a path: the agent may change the path while the program works on a packet. */
struct path_view {
	PATH_FIELDS
	__u32 pad;
};

struct hop_key {
	__u16 path;
	__u16 slot; /* position (+ 16 * bank in `hops`) */
};

#define HOP_F_OPEN 1     /* onFailure: Open */
#define HOP_F_REWRITES 2 /* a rewriting function: a flow may have different tuples before and behind it */

/* A hop of a path. `pool` is its function, a hash of the function's name. An instance may send only for hops of its own
 * pool, and a flow at a hop is pinned only to instances of that pool. */
struct hop {
	__u64 pool;
	__u32 flags;
	__u32 count;    /* instances that take new flows; 0: onFailure applies to new flows */
	__u32 instance; /* the only instance if count is 1; else the instances are in the hop's table */
	__u32 pad;
};

/* The Maglev table of a hop (Eisenbud and others, NSDI 2016), with the key of the hop. A flow's hash selects a slot; a slot
 * is the id of an instance. */
struct table {
	__u16 slot[TABLE_SIZE];
};

#define INSTANCE_F_VTEP_V6 2
#define INSTANCE_F_DOWN 4 /* it does not forward or cannot be reached: no flow goes there */
#define INSTANCE_F_LEAVING 8 /* an instance of this node that is about to go: see may_still_enter in choose.h */

struct instance {
	__u64 pool;
	__u32 ifindex; /* host side of its chain0 (or of its left interface) if it is on this node, else 0 */
	__u32 flags;
	struct address vtep;
	struct bpf_spin_lock lock;
	__u32 right; /* host side of its right interface, where replies enter, if it has two and is on this node; else 0 */
};

/* --- flows: state that must outlive a packet --- */

/* A path of n hops has n + 1 segments. The number of a segment is the position of the hop on its right, of the last one n.
 * The tuple in a key is the tuple that packets have on that segment: functions may rewrite it from one to the next. */
/* Kinds of entries. Their numbers, and SEGMENT_NONE, give every key the same bytes as in release 0.1.0: an upgrade takes
 * over the whole table, and so does a rollback (agent/apply/programs.ts). */
#define FLOW_PIN 0    /* the instances on both sides of a segment */
#define FLOW_NOTE 4   /* a copy of the pin, on the node to which a node without the pin would send the flow */
#define FLOW_OPENER 7 /* which side opened the flow, on PATH_F_AMBIGUOUS paths; its segment is SEGMENT_NONE */
#define SEGMENT_NONE 31

struct flow_key { /* normalised: `low` is the smaller of the two addresses (and ports) */
	__u16 path;
	__u8 segment : 5; /* 0 to MAX_HOPS, or SEGMENT_NONE */
	__u8 kind : 3;    /* FLOW_* */
	__u8 protocol;
	struct address low, high;
	__u16 low_port, high_port;
};

#define FLOW_F_OPENER_IS_LOW 1 /* with FLOW_F_OPENER_KNOWN: `low` opened the flow, else `high` */
#define FLOW_F_OPENER_KNOWN 2

struct flow {
	__u16 left, right; /* instances on the segment's two sides; 0: a pod, or not known */
	__u32 flags;
	/* Used on the first and the last segment, on a pod's node. Times are in ticks of 2^20 ns (agent/bpf/learn.h). */
	__u32 straight_until; /* until then the pod's packets may go straight; 0: never */
	__u32 straight_epoch; /* but only while the path has this epoch */
	__u32 confirmed_at;   /* the last confirmation to the sender's node; 0: none */
	__u32 checked_at;     /* the last check of leave.h, or the first packet of this node's pod; 0: not known */
};

/* An end: the state of a flow at one of its two pods, for flows whose addresses a function changes. It is on the pod's node,
 * and its key is the tuple that the pod sees. No rule of the classifier matches that tuple behind the function; by the end,
 * answers enter the path at its last hop. Invariant: an entry is replaced, never changed in place (see `read_end`). */
struct end_key { /* normalised, as in flow_key */
	__u32 vni;
	__u16 low_port, high_port;
	struct address low, high;
	__u32 protocol;
};

#define END_F_POD_IS_LOW 1 /* the pod is `low`, else `high`; the end is only for packets that the pod sends */
#define END_F_ANSWERS 2    /* the pod answers: its packets change their source, else their destination */
#define END_F_ANSWERED 4   /* the pod has answered: the function has seen the flow in both directions */
#define END_F_WHOSE (END_F_POD_IS_LOW | END_F_ANSWERS)

struct end {
	__u32 path;
	__u8 flags;
	__u8 seen; /* packets in the midst of the flow that the function has sent to the pod; counted up to WORTH_IT */
	/* Used on PATH_F_TRANSLATED paths: the pod's packets may go straight, translated (agent/bpf/straight.h). */
	__u16 port; /* the translated port */
	struct address address; /* the translated address */
	__u32 until; /* until then packets may go straight, in ticks of 2^20 ns; 0: never */
	__u32 epoch; /* but only while the path has this epoch */
	__u32 told_at; /* the last confirmation to the client's node, in ticks; 0: none */
};

/* Source ports of the pods of this node, on networks with load balancers. A load balancer keeps the address and the port of
 * its client, so two flows of a pod from one port to two load balancers, or to one and to its backend, could be one tuple at
 * the backend. So a port is held by one such flow, or by those that go directly to backends; another flow is moved to
 * another port on the network (agent/bpf/source.h). Two kinds of entries:
 * - held: (pod, port on the network) -> whose it is, and the port that the pod's socket has. `far` and `far_port` of the key
 *   are 0.
 * - moved: (pod, the socket's port, far end) -> the port on the network.
 * Invariant: an entry is replaced, never changed in place. */
struct source_key {
	__u32 vni;
	__u16 port;
	__u16 far_port;
	struct address pod;
	struct address far;
	__u32 protocol;
};

#define SOURCE_F_BALANCED 1 /* the far end is a load balancer */
#define SOURCE_F_SEVERAL 2  /* flows to several backends, directly */
#define SOURCE_F_ENDED 4    /* its connection was closed or reset */

struct source {
	struct address far;
	__u16 far_port;
	__u16 port;
	__u32 flags;
	__u32 path; /* of a flow to a load balancer; 0: not known */
	__u32 seen; /* the last packet of the pod, in ticks; written at most once in SEEN_EVERY */
};

/* The key of a listener: what a packet shows when it leaves the load balancer. */
struct listener_key {
	__u32 path;
	__u8 protocol;
	__u8 family; /* 4 or 6 */
	__u16 target_port;
};

struct listener {
	struct address address;
	__u16 port; /* 0: several listeners have the target port */
	__u16 pad;
};

/* At which ends of a PATH_F_REWRITES path the addresses of a class are. The id of a class is a hash of its ends, so an entry
 * never changes. */
#define SIDE_F_FROM 1
#define SIDE_F_TO 2
#define SIDE_F_BEHIND 4 /* a load balancer of the path sends to them */

struct side_key {
	__u64 class_id;
	__u32 path;
	__u32 pad;
};

struct side {
	__u32 flags;
};

struct fragment_key {
	__u32 scope; /* VNI and segment: on different segments a packet may have different ports */
	struct address source, destination;
	__u32 id;
	__u32 protocol;
};

struct fragment {
	__u16 source_port;
	__u16 destination_port;
};

/* --- budgets: how fast a sender, and a network, may add entries to the LRU maps, which all tenants share (budget.h) --- */
#define LRU_FLOWS 0
#define LRU_ENDS 1
#define LRU_FRAGMENTS 2
#define LRU_SOURCES 3
#define LRUS 4

struct budget_key {
	__u32 vni;
	__u32 lru;
	struct address sender; /* all zero: of the whole network */
};

struct budget {
	__u64 spent_until; /* CLOCK_MONOTONIC, ns: every entry moves it on by the time that it costs */
};

struct traffic {
	__u64 packets;
	__u64 bytes;
};

struct hop_drop_key {
	struct hop_key hop;
	__u32 reason;
};

/* --- health: the answers to the agent's probes and heartbeats --- */
#define PROBE_PAYLOAD 28 /* u32 round, u64 sent (CLOCK_MONOTONIC, ns), the VTEP of a heartbeat; little endian */

struct probe_key {
	__u32 instance;
	__u32 family; /* 4 or 6 */
};

struct probe {
	__u32 round; /* the last round that was answered */
	__u32 pad;
	__u64 answered;
	__u64 nanoseconds; /* sum over all answers */
	__u64 last_nanoseconds;
};

/* Events besides drops. The agent takes the names from BTF, as those of drop_reason. */
enum path_event {
	EVENT_FLOW_ADDED,   /* an entry of `flows` was added; with the entries there, this gives how many were evicted */
	EVENT_FLOW_MOVED,   /* the instance of a pin is gone or down, and the flow moved to another one */
	EVENT_BOUNCED,      /* a frame for an instance that is down on this node was bounced */
	EVENT_NOTED,        /* a note was sent to another node */
	EVENT_TOO_BIG_SENT, /* a sender got an ICMP error with the MTU */
	EVENT_CONFIRMED,    /* a flow was confirmed to the sender's node */
	EVENT_STRAIGHT,     /* a packet went straight to its destination */
	EVENT_END_ADDED,    /* an entry of `ends` was added */
	EVENT_FLOW_SPILLED, /* an entry over budget was added to `spilled_flows` */
	EVENT_END_SPILLED,  /* to `spilled_ends` */
	EVENT_FRAGMENT_SPILLED, /* to `spilled_fragments` */
	EVENT_SOURCE_SPILLED, /* to `spilled_sources` */
	EVENT_PORT_MOVED,   /* a flow of a pod got another source port on the network */
	EVENT_ENCAPSULATED, /* a packet to another node was encapsulated by a program */
	EVENT_BY_DEVICE,    /* a packet to another node was left to the VXLAN device */
	EVENTS,
};

/* The reasons of drops. Users see these names: the agent takes them from BTF, in lower case. */
enum drop_reason {
	DROP_NONE,
	DROP_MALFORMED,
	DROP_VLAN,
	DROP_NOT_IP,
	DROP_UNKNOWN_PORT,
	DROP_SPOOFED_MAC,
	DROP_SPOOFED_SOURCE,
	DROP_MULTICAST,
	DROP_UNKNOWN_DESTINATION,
	DROP_NO_NEIGHBOUR,
	DROP_UNKNOWN_VTEP,
	DROP_UNKNOWN_NETWORK,
	DROP_UNKNOWN_PATH,
	DROP_WRONG_CONTEXT,
	DROP_HOP_DOWN,
	DROP_UNKNOWN_FRAGMENT,
	DROP_TOO_BIG,
	DROP_NO_CONTEXT,
	DROP_REDIRECT,
	DROP_CONTENDED,
	DROP_SPOOFED_ERROR,
	DROP_OFF_PATH,
	DROP_NO_SOURCE_PORT,
	DROP_REASONS,
};

#define MAP(name_, type_, key_, value_, entries_, flags_)                                                              \
	struct {                                                                                                       \
		__uint(type, type_);                                                                                   \
		__type(key, key_);                                                                                     \
		__type(value, value_);                                                                                 \
		__uint(max_entries, entries_);                                                                         \
		__uint(map_flags, flags_);                                                                             \
	} name_ SEC(".maps")

#define FLOW_ENTRIES 65536 /* the agent makes `flows` and `spilled_flows` with the size that the user has set */
#define END_ENTRIES 65536
#define SOURCE_ENTRIES 65536
#define FRAGMENT_ENTRIES 8192

/* Hash maps are not preallocated, so a node uses memory only for the entries that it has. */
MAP(ports, BPF_MAP_TYPE_HASH, __u32, struct port, 16384, BPF_F_NO_PREALLOC);
MAP(networks, BPF_MAP_TYPE_HASH, __u32, struct network, 65536, BPF_F_NO_PREALLOC);
MAP(vteps, BPF_MAP_TYPE_HASH, struct address, __u32, 16384, BPF_F_NO_PREALLOC);
MAP(addresses, BPF_MAP_TYPE_HASH, struct address_key, struct host, 1048576, BPF_F_NO_PREALLOC);
MAP(prefixes, BPF_MAP_TYPE_LPM_TRIE, struct prefix_key, struct endpoint, 262144, BPF_F_NO_PREALLOC);
MAP(classifier, BPF_MAP_TYPE_HASH, struct rules_key, struct rules, 262144, BPF_F_NO_PREALLOC);
MAP(paths, BPF_MAP_TYPE_HASH, __u32, struct path, 65536, BPF_F_NO_PREALLOC);
MAP(hops, BPF_MAP_TYPE_HASH, struct hop_key, struct hop, 262144, BPF_F_NO_PREALLOC);
MAP(instances, BPF_MAP_TYPE_HASH, __u32, struct instance, 65536, BPF_F_NO_PREALLOC);
MAP(tables, BPF_MAP_TYPE_HASH, struct hop_key, struct table, 262144, BPF_F_NO_PREALLOC);
MAP(listeners, BPF_MAP_TYPE_HASH, struct listener_key, struct listener, 262144, BPF_F_NO_PREALLOC);
MAP(sides, BPF_MAP_TYPE_HASH, struct side_key, struct side, 262144, BPF_F_NO_PREALLOC);
MAP(flows, BPF_MAP_TYPE_LRU_HASH, struct flow_key, struct flow, FLOW_ENTRIES, 0);
MAP(ends, BPF_MAP_TYPE_LRU_HASH, struct end_key, struct end, END_ENTRIES, 0);
MAP(sources, BPF_MAP_TYPE_LRU_HASH, struct source_key, struct source, SOURCE_ENTRIES, 0);
MAP(fragments, BPF_MAP_TYPE_LRU_HASH, struct fragment_key, struct fragment, FRAGMENT_ENTRIES, 0);
/* Entries of those who are over their budget: they evict each other, and nobody else's. A key is in one of the two maps. */
MAP(spilled_flows, BPF_MAP_TYPE_LRU_HASH, struct flow_key, struct flow, FLOW_ENTRIES, 0);
MAP(spilled_ends, BPF_MAP_TYPE_LRU_HASH, struct end_key, struct end, END_ENTRIES, 0);
MAP(spilled_fragments, BPF_MAP_TYPE_LRU_HASH, struct fragment_key, struct fragment, FRAGMENT_ENTRIES, 0);
MAP(spilled_sources, BPF_MAP_TYPE_LRU_HASH, struct source_key, struct source, SOURCE_ENTRIES, 0);
MAP(budgets, BPF_MAP_TYPE_LRU_HASH, struct budget_key, struct budget, 16384, 0);
MAP(spills, BPF_MAP_TYPE_ARRAY, __u32, __u32, LRUS, 0); /* LRU_* -> 1: its spilled map was used */
/* Key 0: 1 if a flow was ever moved on this node. Until then nothing is looked up for packets to pods. */
MAP(moves, BPF_MAP_TYPE_ARRAY, __u32, __u32, 1, 0);
MAP(drops, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct traffic, 64, 0);
MAP(port_rx, BPF_MAP_TYPE_PERCPU_HASH, __u32, struct traffic, 16384, BPF_F_NO_PREALLOC);
MAP(port_tx, BPF_MAP_TYPE_PERCPU_HASH, __u32, struct traffic, 16384, BPF_F_NO_PREALLOC);
/* Counters of hops: `slot` is the position, + 16 in the reply direction (hop_traffic). The programs add the entries; the
 * agent deletes them with the path. */
MAP(hop_traffic, BPF_MAP_TYPE_PERCPU_HASH, struct hop_key, struct traffic, 262144, BPF_F_NO_PREALLOC);
MAP(hop_drops, BPF_MAP_TYPE_PERCPU_HASH, struct hop_drop_key, struct traffic, 65536, BPF_F_NO_PREALLOC);
MAP(events, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64, 16, 0);
MAP(probes, BPF_MAP_TYPE_HASH, struct probe_key, struct probe, 16384, BPF_F_NO_PREALLOC);
MAP(peers, BPF_MAP_TYPE_HASH, struct address, struct probe, 16384, BPF_F_NO_PREALLOC);

/* The node's configuration, which the agent writes when it loads the programs: one entry, key 0. */
struct node_config {
	__u32 vxlan_ifindex;
	__u32 flow_entries; /* size of `flows` */
	__u32 vxlan_port;    /* UDP */
	struct address vtep; /* the node's own */
};
MAP(node, BPF_MAP_TYPE_ARRAY, __u32, struct node_config, 1, 0);

/* Devices of the underlay, by ifindex, to which programs may send encapsulated packets: plain Ethernet. */
MAP(underlays, BPF_MAP_TYPE_HASH, __u32, __u32, 64, BPF_F_NO_PREALLOC);

#endif
