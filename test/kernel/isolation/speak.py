# SPDX-License-Identifier: Apache-2.0
"""A pod that says whose it is, and one that asks.

serve PORT NAME                        answers TCP and UDP with NAME
ask udp|tcp HOST PORT LOCAL            asks twenty times over one flow from the port LOCAL, says the answers
hold tcp HOST PORT LOCAL               holds a connection
"""

import socket
import sys
import threading
import time

QUESTIONS = 20


def flow(protocol, host, port, local):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.settimeout(5)
    sock.bind(("", int(local)))
    sock.connect((host, int(port)))
    return sock


def serve(port, name):
    def speak(peer):
        while peer.recv(1500):
            peer.sendall(name.encode())

    def listen():
        listener = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True)
        while True:
            peer, _ = listener.accept()
            threading.Thread(target=speak, args=(peer,), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    time.sleep(0.1)
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.bind(("::", int(port)))
    while True:
        _, peer = sock.recvfrom(1500)
        sock.sendto(name.encode(), peer)


def ask(protocol, host, port, local):
    sock = flow(protocol, host, port, local)
    answers = []
    for _ in range(QUESTIONS):
        sock.send(b"whose?")
        answers.append(sock.recv(1500).decode())
        time.sleep(0.02)
    print(*answers, end="")


def hold(protocol, host, port, local):
    sock = flow(protocol, host, port, local)
    sock.send(b"whose?")
    time.sleep(60)


{"serve": serve, "ask": ask, "hold": hold}[sys.argv[1]](*sys.argv[2:])
