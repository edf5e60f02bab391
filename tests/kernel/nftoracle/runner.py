"""Run one case against the kernel and describe what happened."""
import copy
import errno
import hashlib
import json
import re
import select
import socket
import struct
import time

from . import netns, nltrace, wire
from .libnft import HANDLE, STATELESS, NftError, nft

ETH_P_ALL = 3
BARRIER = 0x88B5  # IEEE local experimental ethertype
PACKET_OUTGOING, PACKET_OTHERHOST = 4, 3
ND_TYPES = (130, 131, 132, 133, 134, 135, 136, 137, 143)
KNOWN_TIMEOUTS = (10, 30, 60, 120, 180, 240, 300, 432000, 600)


def _listener():
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)
    sock.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
    sock.setblocking(False)
    return sock


class Run:
    """State of one running case: sockets, captures, traces and the answer so far."""

    def __init__(self, case, world):
        self.case, self.world = case, world
        self.capture, self.trace, self.index = world.capture, world.trace, {}
        self.sock, self.sent_seqs = {}, {0}
        self.isns, self.ports = [], {}
        self.last = {}      # host -> last packet it received, as on the wire
        # numbers the case fixes; ends of ranges are excluded, the kernel picks inside those
        self.literals = set(map(int, re.findall(r"\d+", re.sub(r"\d+-\d+", "", json.dumps(case)))))
        set_here = [value for spec in case.get("routers", []) for key, value in spec.get("sysctl", {}).items()
                    if "timeout" in key]
        self.timeouts = set(KNOWN_TIMEOUTS) | set(set_here)
        for name, ns in world.nodes.items():
            if name not in self.capture:
                with ns:
                    self.capture[name] = _listener()
        for spec in case.get("routers", []):
            self._load_rules(spec)
        self.poll = select.poll()
        for sock in self.capture.values():
            self.poll.register(sock, select.POLLIN)
        rules = "".join(spec.get("nft", "") for spec in case.get("routers", []))
        self.timed = bool(re.search(r"hook (ingress|egress)", rules))
        self.round, self.awaited = 0, set()

    def _load_rules(self, spec):
        ns = self.world.nodes[spec["name"]]
        text = "flush ruleset\n" + nltrace.MARK_TABLE + spec.get("nft", "") + "\n"
        with ns:
            nft(text)
            self.index[spec["name"]] = nltrace.RulesetIndex(nft("list ruleset", HANDLE | STATELESS))
            if spec["name"] not in self.trace:
                self.trace[spec["name"]] = nltrace.open_trace()

    # ---- observation -------------------------------------------------------

    def settle(self, quiet_ms=None, limit_ms=400):
        """Collect packets and traces until the network is idle.

        Idle is proved by barriers: a marker frame sent out of every interface queues
        behind all packets in flight, so a round that brings its markers and nothing
        else means nothing was left. (The process is pinned to one CPU: one queue.)
        A case with ingress or egress chains, which would count markers, waits instead.
        """
        packets, traces = [], {name: [] for name in self.trace}
        end = time.monotonic() + limit_ms / 1000
        quiet = 0
        while quiet < 2 and time.monotonic() < end:
            before = len(packets)
            if self.timed or quiet_ms:
                self.poll.poll(quiet_ms or 3)
                self._collect(packets)
            else:
                self._barrier(packets, end)
            for name, sock in self.trace.items():
                traces[name] += nltrace.read(sock)
            quiet = quiet + 1 if len(packets) == before else 0
        packets.sort(key=lambda item: item[0])
        return packets, traces

    def _barrier(self, packets, end):
        self.round += 1
        self.awaited = set()
        for number, (node, ifname) in enumerate(self.world.mac):
            mark = struct.pack("!II", self.round, number)
            net = next(p["net"] for p in self.world.spec[node]["ifaces"] if p["if"] == ifname)
            for other, port in self.world.segments[net]:
                if other != node:
                    self.awaited.add((other, port["if"], mark))
            frame = b"\xff" * 6 + wire.mac_bytes(self.world.mac[node, ifname]) + BARRIER.to_bytes(2, "big") + mark
            self.world.sender(node, ifname).send(frame.ljust(60, b"\0"))
        while True:
            self._collect(packets)
            if not self.awaited or time.monotonic() > end:
                return
            self.poll.poll(50)

    def _collect(self, packets):
        for name, sock in self.capture.items():
            self._drain(name, sock, packets)

    def _drain(self, name, sock, out):
        while True:
            try:
                data, anc, _, addr = sock.recvmsg(1 << 16, 256)
            except BlockingIOError:
                return
            if addr[1] == BARRIER and addr[2] != PACKET_OUTGOING:
                self.awaited.discard((name, addr[0], data[14:22]))
            if addr[2] == PACKET_OTHERHOST or addr[0] == "lo" or addr[1] not in (wire.ETH_IP4, wire.ETH_IP6):
                continue
            stamp = 0
            for level, kind, value in anc:
                if level == socket.SOL_SOCKET and kind == 35:
                    sec, nsec = struct.unpack("qq", value[:16])
                    stamp = sec * 10**9 + nsec
            pkt = wire.read_ip(data[14:])
            if pkt is None or pkt["proto"] == 2 or pkt["proto"] == 0:
                continue
            if pkt["proto"] == "icmpv6" and pkt.get("type") in ND_TYPES:
                continue
            if self.world.offloaded:
                pkt.pop("badsum", None)  # sums that no network card completed
            out.append((stamp, name, addr[0], "out" if addr[2] == PACKET_OUTGOING else "in", pkt, data))

    # ---- normalization -----------------------------------------------------

    def _seq(self, value):
        """Numbers from a kernel ISN become 'I1+offset' (nearest ISN below); the case's own stay.

        The nearest one, because a retried 4-tuple gets an ISN only a clock tick higher.
        """
        if not self.isns or value in self.sent_seqs:
            return value
        offset, number = min(((value - isn) & 0xFFFFFFFF, number) for number, isn in enumerate(self.isns, 1))
        return "I%d+%d" % (number, offset) if offset < 1 << 20 else value

    def _port(self, value):
        """Ports the case does not mention are labelled in order of appearance."""
        if value in self.literals:
            return value
        if value not in self.ports:
            self.ports[value] = "P%d" % (len(self.ports) + 1)
        return self.ports[value]

    def _normal(self, pkt):
        pkt = dict(pkt)
        for key in ("sport", "dport"):
            if key in pkt:
                pkt[key] = self._port(pkt[key])
        if pkt.get("id") is not None:
            pkt["id"] = self._port(pkt["id"])
        for key in ("seq", "ack"):
            if key in pkt:
                pkt[key] = self._seq(pkt[key])
        if "inner" in pkt:
            pkt["inner"] = self._normal(pkt["inner"])
        return pkt

    def _learn_isns(self, packets):
        """Remember initial sequence numbers that a kernel chose (a host, or synproxy)."""
        for _, _, _, way, pkt, _ in packets:
            if (way == "out" and pkt["proto"] == "tcp" and "S" in pkt.get("flags", "")
                    and pkt["seq"] not in self.sent_seqs and pkt["seq"] not in self.isns):
                self.isns.append(pkt["seq"])

    def _journeys(self, name, records):
        """Group trace records into one entry per packet per walk of the stack."""
        out, live = [], {}
        for rec in records:
            if rec["type"] == "rule" and "handle" not in rec:
                continue  # the kernel's "end of base chain" marker; the policy record follows
            if rec["table"] == "oracle_trace":
                if rec["type"] == "rule":
                    live[rec["id"]] = entry = {"router": name}
                    entry["from"] = self.world.ifname.get((name, rec.get("iif")), "local")
                    entry["pkt"] = self._normal(rec["pkt"]) if rec.get("pkt") else None
                    entry["hops"] = []
                    out.append(entry)
                continue
            if rec["id"] in live:
                live[rec["id"]]["hops"].append(self.index[name].hop(rec))
        return out

    def report(self, packets, traces):
        self._learn_isns(packets)
        for _, node, _, way, pkt, _ in packets:
            if way == "in" and self.world.kind[node] == "host":
                self.last[node] = pkt
        out = {"packets": [dict(at="%s:%s" % (node, ifname), dir=way, **self._normal(pkt))
                           for _, node, ifname, way, pkt, _ in packets]}
        walks = [w for name, records in traces.items() for w in self._journeys(name, records)]
        if walks:
            out["trace"] = walks
        return out

    # ---- conntrack ---------------------------------------------------------

    def conntrack(self):
        out = {}
        for name in self.trace:
            rows = []
            for line in self.world.nodes[name].read("/proc/thread-self/net/nf_conntrack").splitlines():
                rows.append(self._ct_row(line))
            out[name] = sorted(rows)
        return out

    def _ct_row(self, line):
        words = line.split()
        secs = int(words[4])
        if secs + 1 in self.timeouts and secs not in self.timeouts:
            secs += 1
        keep = [words[2], str(secs)]
        for word in words[5:]:
            key, eq, value = word.partition("=")
            if key in ("use", "zone", "secctx") and not (key == "zone" and value != "0"):
                continue
            if key == "mark" and value == "0":
                continue
            if key in ("sport", "dport", "id") and value.isdigit():
                word = "%s=%s" % (key, self._port(int(value)))
            keep.append(word)
        return " ".join(keep)

    # ---- steps -------------------------------------------------------------

    def _resolve(self, value):
        if isinstance(value, str) and (m := re.fullmatch(r"I(\d+)\+(\d+)", value)):
            return (self.isns[int(m[1]) - 1] + int(m[2])) & 0xFFFFFFFF
        if isinstance(value, str) and (m := re.fullmatch(r"P(\d+)", value)):
            return next(port for port, label in self.ports.items() if label == value)
        return value

    def _resolve_packet(self, pkt):
        pkt = copy.deepcopy(pkt)
        for part in (pkt, pkt.get("inner") or {}):
            for key in ("seq", "ack", "sport", "dport", "id"):
                if key in part:
                    part[key] = self._resolve(part[key])
        return pkt

    def do_send(self, step):
        node, pkt = step["host"], self._resolve_packet(step["pkt"])
        ifname, dst_mac = self.world.next_hop(node, step.get("via") or pkt["dst"])
        frame = wire.build_frame(pkt, self.world.mac[node, ifname], dst_mac)
        self.sent_seqs.add(pkt.get("seq", 0) & 0xFFFFFFFF)
        for _ in range(step.get("repeat", 1)):
            self.world.sender(node, ifname).send(frame)

    def do_reply(self, step):
        """Answer the last packet this host received: addresses and ports swapped."""
        got = self.last.get(step["host"])
        if got is None or got["proto"] not in ("tcp", "udp", "icmp", "icmpv6"):
            return {"skipped": True}
        pkt = {"src": got["dst"], "dst": got["src"], "proto": got["proto"], "len": step.get("len", 0)}
        if "icmp" in step:
            six = ":" in got["src"]
            pkt.update(proto="icmpv6" if six else "icmp", type=step["icmp"][0], code=step["icmp"][1])
            pkt["inner"] = dict(got, ttl=got["ttl"])
            pkt["inner"].pop("opts", None)
            if "inner" in got:
                return {"skipped": True}
        elif got["proto"] == "tcp":
            flags = step.get("flags", "auto")
            first = "S" in got["flags"]
            if flags == "auto":
                flags = "SA" if got["flags"] == "S" else "A"
            pkt.update(sport=got["dport"], dport=got["sport"], flags=flags,
                       seq=got.get("ack", step.get("seq", 5000)) + step.get("shift", 0),
                       ack=got["seq"] + got["len"] + first + ("F" in got["flags"]))
        elif got["proto"] == "udp":
            pkt.update(sport=got["dport"], dport=got["sport"])
        elif got.get("type") in (8, 128):
            pkt.update(type=0 if got["type"] == 8 else 129, id=got["id"], icmpseq=got["icmpseq"])
        else:
            return {"skipped": True}
        return self.do_send({"host": step["host"], "pkt": pkt})

    def do_nft(self, step):
        """Changes the ruleset; all of the text or nothing."""
        with self.world.nodes[step["router"]]:
            try:
                nft(step["text"] + "\n")
            except NftError:
                return {"refused": True}
            self.index[step["router"]] = nltrace.RulesetIndex(nft("list ruleset", HANDLE | STATELESS))
        return None

    def do_socket(self, step):
        """Real sockets: op is one of listen, connect, accept, send, recv, shutdown, close, bind."""
        op, name = step["op"], step["sock"]
        if op in ("listen", "connect", "bind"):
            return self._open(step)
        sock = self.sock.get(name)
        if sock is None:
            return {"skipped": True}  # the accept() that should have made it failed
        if op == "accept":
            child, peer = sock.accept()
            child.setblocking(False)
            self.sock[step["as"]] = child
            return {"peer": [peer[0], self._port(peer[1])]}
        if op == "write":
            data = step["data"].encode() if "data" in step else b"x" * step.get("len", 1)
            if "to" in step:
                return {"n": sock.sendto(data, (step["to"][0], self._resolve(step["to"][1])))}
            return {"n": sock.send(data)}
        if op == "read":
            data, peer = sock.recvfrom(1 << 20)
            out = {"n": len(data), "sha": hashlib.sha1(data).hexdigest()[:8]}
            if peer:
                out["peer"] = [peer[0], self._port(peer[1])]
            return out
        if op == "shutdown":
            return sock.shutdown(socket.SHUT_WR)
        if op == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if op in ("close", "reset"):
            sock.close()
            return None
        if op == "status":
            info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) if sock.type & 15 == 1 else b""
            err = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            return {"error": errno.errorcode.get(err, err) if err else None, "tcp_state": info[0] if info else None}
        raise ValueError("unknown op " + op)

    def _open(self, step):
        udp = step.get("proto", "tcp") == "udp"
        v6 = ":" in step.get("addr", "") or ":" in str(step.get("to", [""])[0])
        with self.world.nodes[step["host"]]:
            sock = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET,
                                 socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
        self.sock[step["sock"]] = sock
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if "addr" in step or "port" in step:
            sock.bind((step.get("addr", "::" if v6 else "0.0.0.0"), step.get("port", 0)))
        if step["op"] == "listen" and not udp:
            sock.listen(step.get("backlog", 16))
        if step["op"] == "connect":
            code = sock.connect_ex(tuple(step["to"]))
            if code not in (0, errno.EINPROGRESS):
                raise OSError(code, "connect")
        return None

    def step(self, number, step):
        result = {"step": number, "op": step["op"]}
        try:
            if step["op"] == "wait":
                time.sleep(step["ms"] / 1000)
                value = None
            elif step["op"] == "send":
                value = self.do_send(step)
            elif step["op"] == "reply":
                value = self.do_reply(step)
            elif step["op"] == "nft":
                value = self.do_nft(step)
            else:
                value = self.do_socket(step)
            if value:
                result["result"] = value
        except OSError as error:
            result["result"] = {"errno": errno.errorcode.get(error.errno, str(error.errno))}
        result.update(self.report(*self.settle(step.get("quiet_ms"))))
        if self.case.get("conntrack_each_step", True) and self.trace:
            result["conntrack"] = self.conntrack()
        return result

    def final(self):
        out = {"conntrack": self.conntrack(), "ruleset": {}}
        for spec in self.case.get("routers", []):
            with self.world.nodes[spec["name"]]:
                text = nft("list ruleset")
            text = re.sub(r"table inet oracle_trace \{\n.*?\n\}\n", "", text, flags=re.S)
            out["ruleset"][spec["name"]] = re.sub(r" expires [\dsmhd]+", "", text).splitlines()
        return out

    def close(self):
        """Reset what is still open and swallow the packets that causes."""
        for sock in self.sock.values():
            try:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.close()
            except OSError:
                pass
        self.settle()


class Oracle:
    """Runs cases; re-uses worlds unless a case may have left TIME_WAIT sockets behind."""

    def __init__(self, reuse=True):
        self.reuse, self.worlds = reuse, {}
        # The kernel starts to stamp packets a moment after the first socket asks for it: one asks all the time.
        self.stamping = _listener()
        self.stamping.bind(("lo", ETH_P_ALL))
        time.sleep(0.1)

    def _world(self, case):
        key = json.dumps([[{k: v for k, v in n.items() if k != "nft"} for n in case.get(kind, [])]
                          for kind in ("routers", "hosts")] + [case.get("sysctl", {}), case.get("checksums")], sort_keys=True)
        world = self.worlds.pop(key, None) or netns.World(case)
        return key, world

    def run(self, case):
        key, world = self._world(case)
        for name in (r["name"] for r in case.get("routers", [])):
            with world.nodes[name]:
                nltrace.flush_conntrack()
        run = Run(case, world)
        try:
            run.settle()
            steps = [run.step(i, step) for i, step in enumerate(case["steps"])]
            answer = {"name": case.get("name"), "steps": steps, "final": run.final()}
        finally:
            run.close()
            clean = not any(s["op"] in ("connect", "accept") for s in case["steps"])
            if self.reuse and clean and key not in self.worlds:
                self.worlds[key] = world
            else:
                world.delete()
        return answer

    def close(self):
        for world in self.worlds.values():
            world.delete()
        self.worlds.clear()
