// SPDX-License-Identifier: Apache-2.0
// Clients in Python: they choose their own ports, and do not wait between two words.

/**
 * Sends words on several flows without a pause, and reads the echoes. Prints which server answered, and fails on a
 * wrong answer.
 */
export const TALK = `
import socket, sys
protocol, host, flows, words = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
family = socket.AF_INET6 if ':' in host else socket.AF_INET
kind, port = (socket.SOCK_STREAM, 80) if protocol == 'TCP' else (socket.SOCK_DGRAM, 53)
servers = set()
for flow in range(flows):
    one = socket.socket(family, kind)
    one.settimeout(5)
    one.connect((host, port))
    if protocol == 'UDP': one.send(b'hello')
    greeting = one.recv(100)
    servers.add(greeting.decode().split()[0])
    for word in range(words):
        said = b'%d %d\\n' % (flow, word)
        one.send(said)
        heard = one.recv(100)
        assert heard == (said if protocol == 'TCP' else greeting), heard
print(' '.join(sorted(servers)))`;

/** Connects repeatedly from one source port, each time by a new connection that ends by a reset. */
export const SAME_PORT = `
import socket, struct, sys
host, times = sys.argv[1], int(sys.argv[2])
for turn in range(times):
    one = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    one.settimeout(5)
    one.bind(('', 40000))
    one.connect((host, 80))
    lines = one.makefile('rw')
    lines.readline()
    for word in range(20):
        lines.write('%d %d\\n' % (turn, word)); lines.flush()
        assert lines.readline() == '%d %d\\n' % (turn, word)
    lines.close()
    one.close()
print('ok')`;

/** Connects from one port: through the load balancer, and then directly to the server that answered. */
export const PORT_AGAIN = `
import socket, struct, sys
vip, servers = sys.argv[1], dict(pair.split('=') for pair in sys.argv[2:])
def ask(host, port):
    one = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    one.settimeout(2)
    one.bind(('', 40001))
    one.connect((host, port))
    lines = one.makefile('rw')
    name = lines.readline().split()[0]
    for word in range(10):
        lines.write('word\\n'); lines.flush()
        assert lines.readline() == 'word\\n'
    lines.close(); one.close()
    return name
for turn in range(10):
    name = ask(vip, 80)
    assert ask(servers[name], 8080) == name
print('ok')`;

/** Sends a stream in large segments, which the server echoes; prints whether the echo is the same. */
export const BULK = `
import hashlib, os, socket, sys, threading
host, size = sys.argv[1], int(sys.argv[2])
stream = socket.create_connection((host, 80), 5)
stream.settimeout(10)
first = b''
while not first.endswith(b'\\n'): first += stream.recv(1)
block = os.urandom(1 << 16)
sent, got = hashlib.sha256(), hashlib.sha256()
def send():
    for _ in range(size // len(block)):
        stream.sendall(block); sent.update(block)
thread = threading.Thread(target=send); thread.start()
left = size // len(block) * len(block)
while left > 0:
    part = stream.recv(min(left, 1 << 20)); assert part; got.update(part); left -= len(part)
thread.join()
print('same' if sent.digest() == got.digest() else 'different')`;

/**
 * Opens flows from one source port to all targets (`address@port`), one after another, and repeats that with further
 * ports. Then every flow sends its words, in turns, and each must get its own answers: over TCP its words come back, over
 * UDP the same server answers all of them. All flows stay open until the end.
 */
export const SHARED_PORT = `
import socket, sys
protocol, first, ports, words = sys.argv[1], *map(int, sys.argv[2:5])
targets = [(t.rsplit('@')[0], int(t.rsplit('@')[1])) for t in sys.argv[5:]]
family = socket.AF_INET6 if ':' in targets[0][0] else socket.AF_INET
flows = []
for port in range(first, first + ports):
    for at, target in enumerate(targets):
        one = socket.socket(family, socket.SOCK_STREAM if protocol == 'TCP' else socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.settimeout(4)
        one.bind(('', port))
        one.connect(target)
        if protocol == 'UDP': one.send(b'hello')
        greeting = b''
        while not greeting.endswith(b'\\n'): greeting += one.recv(100)
        flows.append((one, greeting, '%d to %s' % (port, target[0])))
for word in range(words):
    for number, (one, greeting, name) in enumerate(flows):
        said = b'%d %d\\n' % (number, word)
        try:
            one.send(said)
            heard = one.recv(100)
        except OSError as error:
            sys.exit('%s, word %d: %s' % (name, word, error))
        if heard != (said if protocol == 'TCP' else greeting): sys.exit('%s, word %d: %s' % (name, word, heard))
print('ok')`;

/**
 * Opens a flow, and from the same source port one to a port that nobody serves, which is refused at once; then the first
 * one must still work.
 */
export const REFUSED = `
import socket, sys
protocol, port = sys.argv[1], int(sys.argv[2])
good, bad = [(t.rsplit('@')[0], int(t.rsplit('@')[1])) for t in sys.argv[3:5]]
kind = socket.SOCK_STREAM if protocol == 'TCP' else socket.SOCK_DGRAM
def begin(target):
    one = socket.socket(socket.AF_INET6 if ':' in target[0] else socket.AF_INET, kind)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.settimeout(4)
    one.bind(('', port))
    one.connect(target)
    if protocol == 'UDP': one.send(b'hello')
    return one, one.recv(100)
first, greeting = begin(good)
try: begin(bad)
except ConnectionRefusedError: print('refused', end=' ')
first.send(b'word\\n')
print('ok' if first.recv(100) == (greeting if protocol == 'UDP' else b'word\\n') else 'wrong')`;
