#include "sim/world/scenario/keys.h"

namespace fourtuple::world {
namespace {

constexpr std::int64_t max_count = 1'000'000;

// --- texts ---
constexpr Key texts_key(std::string_view name, std::string_view doc, std::string_view example, bool required = false) {
  return {.name = name, .form = Form::text, .shape = Shape::one, .required = required, .doc = doc, .example = example};
}
constexpr Key language_keys[] = {
    {.name = "en", .form = Form::text, .doc = "The words in English."},
    {.name = "ja", .form = Form::text, .doc = "The words in Japanese."},
};
constexpr Object languages{"text", "A text in several languages.", language_keys};

constexpr Key translated(std::string_view name, std::string_view doc, std::string_view example) {
  Key key = texts_key(name, doc, example);
  key.object = &languages;
  return key;
}

// --- endpoints and selectors ---
constexpr Key pattern_keys[] = {
    {.name = "host", .form = Form::host, .doc = "Any address of this host."},
    {.name = "address", .form = Form::pattern, .doc = "An address or prefix.", .example = "198.51.100.0/24"},
    {.name = "port", .form = Form::port_range, .doc = "A port or a range of ports.", .example = "1024-65535"},
    {.name = "not-port", .form = Form::port, .doc = "Any port but this.", .example = "50432"},
};
constexpr Object pattern{"endpoint-pattern", "Addresses and ports to match.", pattern_keys};

constexpr Key selector_keys[] = {
    {.name = "socket", .form = Form::name, .doc = "Packets this socket sent or that were sent to it."},
    {.name = "protocol", .form = Form::word, .words = Words::packet_protocols, .doc = "icmp also stands for ICMPv6."},
    {.name = "flags",
     .form = Form::flags,
     .doc = "TCP flags. SYN, FIN and RST are set exactly as named (with SYN, so is ACK); others at least when named.",
     .example = "SYN ACK"},
    {.name = "from", .form = Form::pattern, .object = &pattern, .doc = "Source as sent.", .example = "anna"},
    {.name = "to", .form = Form::pattern, .object = &pattern, .doc = "Destination as sent.", .example = "server:80"},
    {.name = "network", .form = Form::name, .doc = "Sent onto this network."},
    {.name = "sent-by", .form = Form::host, .doc = "Made by this host (not forwarded)."},
    {.name = "icmp-type", .form = Form::integer, .most = 255, .doc = "ICMP type.", .example = "3"},
    {.name = "icmp-code", .form = Form::integer, .most = 255, .doc = "ICMP code.", .example = "3"},
    {.name = "length", .form = Form::port_range, .doc = "Payload bytes, a number or a range.", .example = "1-65535"},
    {.name = "nth",
     .form = Form::integer,
     .shape = Shape::one_or_list,
     .least = 1,
     .most = max_count * 1000,
     .doc = "Which of the packets that fit the rest, from 1.",
     .example = "[3, 5]"},
    {.name = "after", .form = Form::duration, .doc = "Sent at this instant or later.", .example = "1 s"},
    {.name = "before", .form = Form::duration, .doc = "Sent before this instant.", .example = "1.1 s"},
    {.name = "fate", .form = Form::word, .words = Words::fates, .doc = "What became of it."},
    {.name = "dropped",
     .form = Form::word,
     .words = Words::drop_reasons,
     .doc = "Dropped for this reason.",
     .example = "no-socket"},
};
constexpr Object selector{"selector", "Which packets are meant; every key narrows the choice.", selector_keys};

constexpr Key condition_keys[] = {
    {.name = "socket", .form = Form::name, .doc = "The socket meant by state, received or error."},
    {.name = "state", .form = Form::word, .words = Words::tcp_states, .doc = "When it enters this TCP state."},
    {.name = "received", .form = Form::size, .doc = "When its process has read this many bytes.", .example = "12"},
    {.name = "error",
     .form = Form::word,
     .words = Words::errnos,
     .doc = "When a call on it fails so, or its error is set."},
    {.name = "packet", .object = &selector, .doc = "When this packet is sent (fate: delivered or dropped: then)."},
    {.name = "delay", .form = Form::duration, .doc = "This much later.", .example = "5 ms"},
};
constexpr Object condition{
    "condition", "What something waits for: a socket with state, received or error; or a packet.", condition_keys};

// --- networks ---
constexpr Key fault_keys[] = {
    {.name = "name", .form = Form::name, .doc = "How messages call it."},
    {.name = "drop",
     .object = &selector,
     .chooses = true,
     .doc = "Packets that are lost.",
     .example = "{ nth: [3, 5] }"},
    {.name = "delay", .object = &selector, .chooses = true, .doc = "Packets that arrive late."},
    {.name = "by", .form = Form::duration, .with = "delay", .doc = "How much later.", .example = "50 ms"},
};
constexpr Object fault{"fault", "A named misfortune of a network.", fault_keys};

constexpr Key network_keys[] = {
    {.name = "delay", .form = Form::duration, .doc = "Propagation from end to end; 0 by default.", .example = "10 ms"},
    {.name = "rate", .form = Form::rate, .doc = "Transmission rate; unlimited by default.", .example = "100 Mbit/s"},
    {.name = "queue",
     .form = Form::packets,
     .doc = "Waiting packets per interface; 1000 by default.",
     .example = "50 packets"},
    {.name = "mtu",
     .form = Form::integer,
     .least = 576,
     .most = 65535,
     .doc = "Largest packet; 1500 by default.",
     .example = "1280"},
    {.name = "loss", .form = Form::percent, .doc = "Chance that a packet is lost.", .example = "0.1 %"},
    {.name = "faults", .object = &fault, .shape = Shape::list, .doc = "Chosen packets that are lost or late."},
};
constexpr Object network{"network", "A link (two ends) or a shared segment (more).", network_keys};

// --- hosts ---
constexpr Key interface_keys[] = {
    {.name = "network", .form = Form::name, .required = true, .doc = "The network it is on."},
    {.name = "address",
     .form = Form::prefix,
     .shape = Shape::one_or_list,
     .required = true,
     .doc = "Addresses with prefix length, IPv4 and IPv6.",
     .example = "[192.0.2.1/24, \"2001:db8::1/64\"]"},
    {.name = "mtu",
     .form = Form::integer,
     .least = 576,
     .most = 65535,
     .doc = "The network's unless given.",
     .example = "1400"},
};
constexpr Object interface {
  "interface", "A network card. Every host also has lo.", interface_keys
};

constexpr Key sysctl_keys[] = {
    {.name = "ip_local_port_range",
     .form = Form::port_pair,
     .doc = "Ports the kernel chooses from.",
     .example = "32768 60999"},
    {.name = "ip_unprivileged_port_start",
     .form = Form::port,
     .doc = "The first port anyone may bind.",
     .example = "1024"},
    {.name = "ip_default_ttl",
     .form = Form::integer,
     .least = 1,
     .most = 255,
     .doc = "Time to live of packets sent.",
     .example = "64"},
    {.name = "somaxconn",
     .form = Form::integer,
     .least = 0,
     .most = 65535,
     .doc = "Largest accept queue.",
     .example = "4096"},
};
constexpr Object sysctl{"sysctl", "Kernel settings (net.ipv4 and net.core).", sysctl_keys};

constexpr Key listen_keys[] = {
    {.name = "on",
     .form = Form::listener,
     .required = true,
     .doc = "Protocol, address and port.",
     .example = "tcp 0.0.0.0:80"},
    {.name = "as", .form = Form::name, .doc = "A name for this socket."},
    {.name = "backlog",
     .form = Form::integer,
     .most = 65535,
     .doc = "Argument of listen(); 128 by default.",
     .example = "2"},
    {.name = "v6only", .form = Form::boolean, .doc = "IPV6_V6ONLY."},
    {.name = "reuse-address", .form = Form::boolean, .doc = "SO_REUSEADDR."},
    {.name = "reuse-port", .form = Form::boolean, .doc = "SO_REUSEPORT."},
};
constexpr Object listen{"listen", "A socket a process opens when it starts: bound, and for TCP listening.",
                        listen_keys};

constexpr Key bytes_keys[] = {
    {.name = "text", .form = Form::text, .chooses = true, .doc = "These bytes."},
    {.name = "bytes",
     .form = Form::size,
     .chooses = true,
     .doc = "This many bytes of a test pattern.",
     .example = "64 KB"},
};
constexpr Object bytes{"payload", "What is sent: a text, or many bytes.", bytes_keys};

constexpr Key process_keys[] = {
    {.name = "user",
     .form = Form::name,
     .doc = "Who runs it; root may bind any port. 'user' by default.",
     .example = "www-data"},
    {.name = "pid", .form = Form::integer, .least = 2, .most = 4194304, .doc = "Its process id; chosen when absent."},
    {.name = "start",
     .form = Form::duration,
     .doc = "When it starts: at once, at a time, or `later`: by the timeline.",
     .example = "2 s"},
    {.name = "listen",
     .form = Form::listener,
     .object = &listen,
     .shape = Shape::one_or_list,
     .doc = "Sockets it opens.",
     .example = "tcp 0.0.0.0:80"},
    {.name = "program",
     .form = Form::word,
     .words = Words::programs,
     .doc = "What it does with what arrives.",
     .example = "http"},
    {.name = "pages",
     .form = Form::text,
     .shape = Shape::named,
     .names = Form::path,
     .doc = "http: path to body.",
     .example = "{ /: \"hello\\n\" }"},
    {.name = "request",
     .form = Form::size,
     .doc = "request-response: bytes of one request; 1 by default.",
     .example = "100"},
    {.name = "reply",
     .form = Form::text,
     .object = &bytes,
     .doc = "request-response: the answer to each.",
     .example = "{ bytes: 10 KB }"},
    {.name = "files",
     .form = Form::text,
     .shape = Shape::one_or_list,
     .doc = "Files it opens at the start.",
     .example = "/var/log/httpd.log"},
};
constexpr Object process{"process", "A program on a host.", process_keys};

constexpr Key host_keys[] = {
    {.name = "kind", .form = Form::word, .words = Words::host_kinds, .doc = "How it is drawn; guessed when absent."},
    {.name = "forwarding", .form = Form::boolean, .doc = "Passes on packets for others; true for routers."},
    {.name = "ports",
     .form = Form::word,
     .words = Words::on_off,
     .doc = "off: a world without ports, see the root key."},
    {.name = "interfaces", .object = &interface, .shape = Shape::named, .doc = "Its network cards."},
    {.name = "routes",
     .form = Form::route_to,
     .shape = Shape::named,
     .names = Form::destination,
     .doc = "`default` or a prefix, to a gateway's address or out of an interface.",
     .example = "{ default: 192.168.1.1 }"},
    {.name = "sysctls", .object = &sysctl, .doc = "Kernel settings.", .example = "{ ip_unprivileged_port_start: 80 }"},
    {.name = "processes", .object = &process, .shape = Shape::named, .doc = "Its programs."},
};
constexpr Object host{"host", "A computer, server or router.", host_keys};

// --- timeline ---
constexpr Key sendto_keys[] = {
    {.name = "to", .form = Form::endpoint, .required = true, .doc = "Where.", .example = "server:53"},
    {.name = "text", .form = Form::text, .chooses = true, .doc = "These bytes."},
    {.name = "bytes",
     .form = Form::size,
     .chooses = true,
     .doc = "This many bytes of a test pattern.",
     .example = "512"},
};
constexpr Object sendto{"sendto", "A datagram and where it goes.", sendto_keys};

constexpr Key request_keys[] = {
    {.name = "send", .form = Form::text, .object = &bytes, .required = true, .doc = "What is sent."},
    {.name = "expect",
     .form = Form::size,
     .required = true,
     .doc = "How many bytes are then read.",
     .example = "10 KB"},
};
constexpr Object request{"request", "Send, then read an answer of known length.", request_keys};

constexpr std::string_view repeatable = "connect send sendto request ping";
constexpr std::string_view makes_socket = "socket bind listen connect sendto";

constexpr Key entry_keys[] = {
    {.name = "at", .form = Form::duration, .doc = "When: an instant of the run.", .example = "100 ms"},
    {.name = "after",
     .form = Form::duration,
     .object = &condition,
     .doc = "When: this long after the entry before, or when a condition first holds."},
    {.name = "process",
     .form = Form::process,
     .with = "socket bind listen accept connect send sendto receive shutdown close ping request open",
     .doc = "Who does it; the socket's owner when absent.",
     .example = "anna/browser"},
    {.name = "as",
     .form = Form::name,
     .with = "socket bind listen accept connect sendto",
     .doc = "A name for the socket this makes."},
    {.name = "on", .form = Form::name, .with = "bind connect send sendto request", .doc = "The socket it is done on."},
    {.name = "start",
     .form = Form::process,
     .chooses = true,
     .doc = "Starts a process (again).",
     .example = "server/httpd"},
    {.name = "socket",
     .form = Form::word,
     .words = Words::protocols,
     .chooses = true,
     .doc = "Opens a socket.",
     .example = "udp"},
    {.name = "bind",
     .form = Form::listener,
     .chooses = true,
     .doc = "Binds `on`, or a new socket.",
     .example = "tcp 0.0.0.0:80"},
    {.name = "listen",
     .form = Form::listener_or_name,
     .chooses = true,
     .doc = "Listens on a bound socket's name, or opens, binds and listens.",
     .example = "0.0.0.0:80"},
    {.name = "accept", .form = Form::name, .chooses = true, .doc = "Takes the next connection of this listener."},
    {.name = "connect",
     .form = Form::endpoint,
     .chooses = true,
     .doc = "Connects `on`, or a new socket.",
     .example = "server:80"},
    {.name = "send",
     .form = Form::text,
     .object = &bytes,
     .chooses = true,
     .doc = "Writes to `on`.",
     .example = "{ bytes: 64 KB }"},
    {.name = "sendto", .object = &sendto, .chooses = true, .doc = "Sends a datagram from `on`, or a new UDP socket."},
    {.name = "receive", .form = Form::name, .chooses = true, .doc = "Reads from this socket."},
    {.name = "shutdown", .form = Form::name, .chooses = true, .doc = "Ends one direction of this socket."},
    {.name = "close", .form = Form::name, .chooses = true, .doc = "Closes this socket."},
    {.name = "kill", .form = Form::process, .chooses = true, .doc = "Kills a process (SIGKILL)."},
    {.name = "exit", .form = Form::process, .chooses = true, .doc = "The process ends by itself."},
    {.name = "ping", .form = Form::target, .chooses = true, .doc = "Sends an ICMP echo request.", .example = "server"},
    {.name = "request", .object = &request, .chooses = true, .doc = "Writes to `on`, then reads the answer."},
    {.name = "link-down", .form = Form::name, .chooses = true, .doc = "Switches a network off."},
    {.name = "link-up", .form = Form::name, .chooses = true, .doc = "Switches it on again."},
    {.name = "set", .object = &sysctl, .chooses = true, .doc = "Changes kernel settings of `host`."},
    {.name = "open", .form = Form::text, .chooses = true, .doc = "Opens a file.", .example = "/etc/hosts"},
    {.name = "protocol",
     .form = Form::word,
     .words = Words::protocols,
     .with = "bind connect",
     .doc = "tcp by default; may also stand before the address."},
    {.name = "family",
     .form = Form::word,
     .words = Words::families,
     .with = "socket connect sendto ping",
     .doc = "Which address of a host's name; ipv4 by default."},
    {.name = "from",
     .form = Form::from,
     .with = "connect sendto",
     .doc = "Source port, or address and port.",
     .example = "50432"},
    {.name = "backlog",
     .form = Form::integer,
     .most = 65535,
     .with = "listen",
     .doc = "Argument of listen(); 128 by default."},
    {.name = "v6only", .form = Form::boolean, .with = makes_socket, .doc = "IPV6_V6ONLY."},
    {.name = "reuse-address", .form = Form::boolean, .with = makes_socket, .doc = "SO_REUSEADDR."},
    {.name = "reuse-port", .form = Form::boolean, .with = makes_socket, .doc = "SO_REUSEPORT."},
    {.name = "bytes",
     .form = Form::size,
     .with = "receive ping",
     .doc = "receive: how many, what is there when absent; ping: payload, 56 by default."},
    {.name = "how", .form = Form::word, .words = Words::shutdown_hows, .with = "shutdown", .doc = "write by default."},
    {.name = "linger",
     .form = Form::integer,
     .most = 0,
     .with = "close",
     .doc = "0: the connection is reset (SO_LINGER)."},
    {.name = "every", .form = Form::duration, .with = repeatable, .doc = "Again after this long.", .example = "20 ms"},
    {.name = "count",
     .form = Form::integer,
     .least = 1,
     .most = max_count,
     .with = repeatable,
     .doc = "How often in all.",
     .example = "10"},
    {.name = "host", .form = Form::host, .with = "set", .doc = "Whose settings."},
};
constexpr Object entry{"timeline-entry", "One thing that happens: a time and one verb.", entry_keys};

// --- expect ---
constexpr Key drop_keys[] = {
    {.name = "reason", .form = Form::word, .words = Words::drop_reasons, .doc = "Why.", .example = "no-socket"},
    {.name = "host", .form = Form::host, .doc = "By this host."},
    {.name = "network", .form = Form::name, .doc = "On this network."},
};
constexpr Object drop{"drop", "Where and why a packet ended.", drop_keys};

constexpr Key sockets_keys[] = {
    {.name = "host", .form = Form::host, .doc = "Of this host."},
    {.name = "process", .form = Form::process, .doc = "Of this process."},
    {.name = "protocol", .form = Form::word, .words = Words::protocols, .doc = "Of this protocol."},
    {.name = "state", .form = Form::word, .words = Words::tcp_states, .doc = "In this TCP state."},
    {.name = "port", .form = Form::port_range, .doc = "With this local port.", .example = "80"},
};
constexpr Object sockets{"sockets", "Which sockets are counted.", sockets_keys};

constexpr std::string_view counted = "packets sockets";

constexpr Key expect_keys[] = {
    {.name = "at",
     .form = Form::duration,
     .with = "socket process sockets listening not-listening running not-running",
     .doc = "The instant meant; the end of the run when absent.",
     .example = "300 ms"},
    {.name = "socket", .form = Form::name, .chooses = true, .doc = "A socket: all that is said of it holds."},
    {.name = "packet", .object = &selector, .chooses = true, .doc = "A packet: one that is selected met this fate."},
    {.name = "packets", .object = &selector, .chooses = true, .doc = "How many packets are selected."},
    {.name = "process",
     .form = Form::process,
     .chooses = true,
     .doc = "A process: what it called or received.",
     .example = "server/httpd"},
    {.name = "sockets", .object = &sockets, .chooses = true, .doc = "How many sockets fit."},
    {.name = "listening",
     .form = Form::endpoint,
     .chooses = true,
     .doc = "A socket is reachable there.",
     .example = "server:80"},
    {.name = "not-listening", .form = Form::endpoint, .chooses = true, .doc = "No socket is reachable there."},
    {.name = "running", .form = Form::process, .chooses = true, .doc = "The process runs."},
    {.name = "not-running", .form = Form::process, .chooses = true, .doc = "It does not."},
    {.name = "state",
     .form = Form::word,
     .words = Words::tcp_states,
     .with = "socket",
     .doc = "Its TCP state.",
     .example = "ESTABLISHED"},
    {.name = "open", .form = Form::boolean, .with = "socket", .doc = "Whether a process holds it."},
    {.name = "local", .form = Form::pattern, .object = &pattern, .with = "socket", .doc = "Its own address and port."},
    {.name = "remote",
     .form = Form::pattern,
     .object = &pattern,
     .with = "socket",
     .doc = "Its peer's address and port."},
    {.name = "peer-sees",
     .form = Form::pattern,
     .object = &pattern,
     .with = "socket",
     .doc = "What the peer calls this end."},
    {.name = "fd",
     .form = Form::integer,
     .most = max_count,
     .with = "socket",
     .doc = "Its descriptor.",
     .example = "3"},
    {.name = "error",
     .form = Form::word,
     .words = Words::errnos,
     .with = "socket process",
     .doc = "The error of the call, or of the socket.",
     .example = "EADDRINUSE"},
    {.name = "received",
     .form = Form::text,
     .object = &bytes,
     .with = "socket process",
     .doc = "What was read so far, exactly.",
     .example = "\"hello\\n\""},
    {.name = "call",
     .form = Form::word,
     .words = Words::calls,
     .with = "process",
     .doc = "A system call it made.",
     .example = "bind"},
    {.name = "nth",
     .form = Form::integer,
     .least = 1,
     .most = max_count * 1000,
     .with = "process",
     .doc = "Which of these calls, from 1; any when absent."},
    {.name = "delivered-to",
     .form = Form::process_or_host,
     .with = "packet",
     .doc = "Reached this process or host.",
     .example = "server/httpd"},
    {.name = "matched",
     .form = Form::word,
     .words = Words::match_qualities,
     .with = "packet",
     .doc = "How the lookup found the socket.",
     .example = "wildcard-listener"},
    {.name = "dropped-by",
     .form = Form::word,
     .object = &drop,
     .words = Words::drop_reasons,
     .with = "packet",
     .doc = "Ended there, for this reason."},
    {.name = "answered-with",
     .form = Form::word,
     .words = Words::answers,
     .with = "packet",
     .doc = "What its receiver sent back.",
     .example = "RST"},
    {.name = "count", .form = Form::integer, .with = counted, .doc = "Exactly this many.", .example = "7"},
    {.name = "at-least", .form = Form::integer, .with = counted, .doc = "This many or more."},
    {.name = "at-most", .form = Form::integer, .with = counted, .doc = "This many or fewer."},
    {.name = "protocol",
     .form = Form::word,
     .words = Words::protocols,
     .with = "listening not-listening",
     .doc = "tcp by default."},
};
constexpr Object expectation{"expectation", "Something the run must show.", expect_keys};

// --- captions and the file ---
constexpr Key caption_keys[] = {
    {.name = "at", .form = Form::duration, .chooses = true, .doc = "From this instant on.", .example = "300 ms"},
    {.name = "when", .object = &condition, .chooses = true, .doc = "From when this first holds."},
    translated("title", "A few words.", "A port nobody listens on"),
    translated("say", "What to see, and what to press next.", "Press Enter to look inside."),
};
constexpr Object caption{"caption", "A card of narration, shown until the next one.", caption_keys};

constexpr Key root_keys[] = {
    {.name = "fourtuple",
     .form = Form::integer,
     .least = 1,
     .most = 1,
     .required = true,
     .doc = "Version of this format.",
     .example = "1"},
    translated("title", "What the scenario is called.", "Two laptops, one server"),
    translated("summary", "What it shows, in one or two sentences.", "Replies find their way by port."),
    translated("watch", "What to look at.", "The destination port of each reply."),
    {.name = "covers",
     .form = Form::word,
     .shape = Shape::list,
     .words = Words::lessons,
     .doc = "Lessons it demonstrates.",
     .example = "[P4, T2]"},
    {.name = "seed", .form = Form::integer, .doc = "Of all random choices; 1 by default.", .example = "7"},
    {.name = "until",
     .form = Form::duration,
     .doc = "When the run ends; when nothing is left to happen, if absent.",
     .example = "2 s"},
    {.name = "ports",
     .form = Form::word,
     .words = Words::on_off,
     .doc = "off: packets go to any process of their protocol, by chance."},
    {.name = "networks", .object = &network, .shape = Shape::named, .doc = "Links and segments."},
    {.name = "hosts", .object = &host, .shape = Shape::named, .required = true, .doc = "Computers, servers, routers."},
    {.name = "timeline", .object = &entry, .shape = Shape::list, .doc = "What happens."},
    {.name = "expect",
     .object = &expectation,
     .shape = Shape::list,
     .doc = "What the run must show; `fourtuple run` checks it."},
    {.name = "captions", .object = &caption, .shape = Shape::list, .doc = "Narration."},
};
constexpr Object root{"scenario", "A Fourtuple scenario.", root_keys};

constexpr const Object* objects[] = {&root,    &network,     &fault,  &host,    &interface, &sysctl,    &process,
                                     &listen,  &entry,       &sendto, &request, &bytes,     &condition, &selector,
                                     &pattern, &expectation, &drop,   &sockets, &caption,   &languages};

}  // namespace

const Object& root_object() {
  return root;
}

std::span<const Object* const> all_objects() {
  return objects;
}

}  // namespace fourtuple::world
