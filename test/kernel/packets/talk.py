# SPDX-License-Identifier: Apache-2.0
"""What a pod's programs do, with the sockets that they have.

echo PORT                           answers every datagram with itself
datagram HOST PORT SIZE [WAIT]      sends one datagram, says how many bytes came back within so many seconds
sink PORT                           takes one connection, and says to it how many bytes came
pour HOST PORT BYTES                sends that many by a connection, says how many bytes came
sctp-echo PORT                      answers one association with what it says
sctp-ask HOST PORT SIZE             says so many bytes by an association, then how many came back
overfill HOST PORT SIZE             sends one datagram, says the path's MTU once it changed
segments HOST PORT SIZE COUNT WAIT  lets the kernel cut one write into datagrams of SIZE, says the path's MTU once it
                                    changed, or after so many seconds
wait-error HOST PORT LOCAL          sends a small datagram from the port LOCAL, says the path's MTU once it changed
ttl HOST PORT HOPS                  sends one datagram that lives HOPS routers, says who let it die
"""

import socket
import struct
import sys
import time

SOL_UDP, UDP_SEGMENT = 17, 103
IP_MTU_DISCOVER, IP_RECVERR, IP_MTU = 10, 11, 14
IPV6_MTU_DISCOVER, IPV6_MTU, IPV6_RECVERR = 23, 24, 25
DO = 2


def udp(host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.socket(family, socket.SOCK_DGRAM)


def path_mtu(sock):
    if sock.family == socket.AF_INET6:
        return sock.getsockopt(socket.IPPROTO_IPV6, IPV6_MTU)
    return sock.getsockopt(socket.IPPROTO_IP, IP_MTU)


def echo(port):
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.bind(("::", int(port)))
    while True:
        data, peer = sock.recvfrom(65535)
        sock.sendto(data, peer)


def datagram(host, port, size, patience=1):
    sock = udp(host)
    sock.settimeout(float(patience))
    sock.connect((host, int(port)))
    sock.send(bytes(int(size)))
    print(len(sock.recv(65535)), end="")


def sink(port):
    listener = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True)
    peer, _ = listener.accept()
    came = 0
    while data := peer.recv(1 << 20):
        came += len(data)
    peer.sendall(str(came).encode())


def pour(host, port, count):
    sock = socket.create_connection((host, int(port)), timeout=10)
    sock.sendall(bytes(int(count)))
    sock.shutdown(socket.SHUT_WR)
    print(sock.recv(64).decode(), end="")


def sctp_echo(port):
    listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_SCTP)
    listener.bind(("::", int(port)))
    listener.listen()
    peer, _ = listener.accept()
    while data := peer.recv(1 << 16):
        peer.sendall(data)


def sctp_ask(host, port, size):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_SCTP)
    sock.settimeout(5)
    sock.connect((host, int(port)))
    sock.sendall(bytes(int(size)))
    came = 0
    while came < int(size):
        came += len(sock.recv(1 << 16))
    print(came, end="")


def changed_mtu(sock, first, patience):
    """Waits until an error has changed the path's MTU, or for some seconds; what it is then."""
    deadline = time.monotonic() + patience
    while path_mtu(sock) == first and time.monotonic() < deadline:
        time.sleep(0.01)
    return path_mtu(sock)


def overfill(host, port, size):
    sock = udp(host)
    sock.connect((host, int(port)))
    first = path_mtu(sock)
    sock.send(bytes(int(size)))
    print(changed_mtu(sock, first, 5), end="")


def segments(host, port, size, count, patience):
    sock = udp(host)
    sock.connect((host, int(port)))
    sock.setsockopt(SOL_UDP, UDP_SEGMENT, int(size))
    first = path_mtu(sock)
    sock.send(bytes(int(size) * int(count)))
    print(changed_mtu(sock, first, float(patience)), end="")


def wait_error(host, port, local):
    sock = udp(host)
    sock.bind(("", int(local)))
    sock.connect((host, int(port)))
    first = path_mtu(sock)
    sock.send(b"x")
    print(changed_mtu(sock, first, 5), end="")


def ttl(host, port, hops):
    sock = udp(host)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, int(hops))
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, int(hops))
        sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    sock.sendto(b"x", (host, int(port)))
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        try:
            _, extra, _, _ = sock.recvmsg(1500, 512, socket.MSG_ERRQUEUE)
        except OSError:
            time.sleep(0.01)
            continue
        # struct sock_extended_err, then the address of who said it
        error = extra[0][2]
        _, origin, kind, code = struct.unpack("=IBBB", error[:7])
        at, size = (16 + 4, 4) if origin == 2 else (16 + 8, 16)
        family = socket.AF_INET if origin == 2 else socket.AF_INET6
        print(kind, code, socket.inet_ntop(family, error[at : at + size]), end="")
        return
    sys.exit("nobody said anything")


MODES = {
    "echo": echo,
    "datagram": datagram,
    "sink": sink,
    "pour": pour,
    "sctp-echo": sctp_echo,
    "sctp-ask": sctp_ask,
    "overfill": overfill,
    "segments": segments,
    "wait-error": wait_error,
    "ttl": ttl,
}
MODES[sys.argv[1]](*sys.argv[2:])
