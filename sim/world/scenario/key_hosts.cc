// Networks and hosts of the format.
#include "sim/world/scenario/key_objects.h"

namespace fourtuple::world::format {

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
    {.name = "local",
     .form = Form::prefix,
     .shape = Shape::one_or_list,
     .doc = "Whole prefixes it answers for as well, as after `ip route add local PREFIX dev lo`.",
     .example = "10.2.0.0/15"},
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

constexpr Key conntrack_timeout(std::string_view name, std::string_view example) {
  return {.name = name,
          .form = Form::integer,
          .least = 1,
          .most = 1'000'000'000,
          .doc = "Seconds until connection tracking forgets.",
          .example = example};
}
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
    {.name = "nf_conntrack_max",
     .form = Form::integer,
     .least = 1,
     .doc = "Most connections tracked.",
     .example = "262144"},
    {.name = "nf_conntrack_tcp_loose",
     .form = Form::integer,
     .most = 1,
     .doc = "1: a connection seen in the middle is taken up."},
    {.name = "nf_conntrack_tcp_be_liberal", .form = Form::integer, .most = 1, .doc = "1: windows are not checked."},
    conntrack_timeout("nf_conntrack_udp_timeout", "30"),
    conntrack_timeout("nf_conntrack_udp_timeout_stream", "120"),
    conntrack_timeout("nf_conntrack_icmp_timeout", "30"),
    conntrack_timeout("nf_conntrack_generic_timeout", "600"),
    conntrack_timeout("nf_conntrack_tcp_timeout_syn_sent", "120"),
    conntrack_timeout("nf_conntrack_tcp_timeout_syn_recv", "60"),
    conntrack_timeout("nf_conntrack_tcp_timeout_established", "432000"),
    conntrack_timeout("nf_conntrack_tcp_timeout_fin_wait", "120"),
    conntrack_timeout("nf_conntrack_tcp_timeout_close_wait", "60"),
    conntrack_timeout("nf_conntrack_tcp_timeout_last_ack", "30"),
    conntrack_timeout("nf_conntrack_tcp_timeout_time_wait", "120"),
    conntrack_timeout("nf_conntrack_tcp_timeout_close", "10"),
};
constexpr Object sysctl{"sysctl", "Kernel settings (net.ipv4, net.core and net.netfilter).", sysctl_keys};

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
    {.name = "forward",
     .form = Form::endpoint,
     .doc = "proxy: where it connects to for each connection it takes.",
     .example = "\"172.17.0.2:80\""},
    {.name = "files",
     .form = Form::text,
     .shape = Shape::one_or_list,
     .doc = "Files it opens at the start.",
     .example = "/var/log/httpd.log"},
};
constexpr Object process{"process", "A program on a host.", process_keys};

constexpr Key nft_keys[] = {
    {.name = "file",
     .form = Form::text,
     .required = true,
     .doc = "A file beside the scenario, as `nft list ruleset` or `iptables-save` wrote it.",
     .example = "home.nft"},
};
constexpr Object nft{"ruleset", "Rules of nftables, in a file of their own.", nft_keys};

constexpr Key nat_keys[] = {
    {.name = "kind",
     .form = Form::word,
     .words = Words::cone_names,
     .doc = "The old name of a combination: sets mapping and filtering.",
     .example = "port-restricted-cone"},
    {.name = "mapping",
     .form = Form::word,
     .words = Words::nat_dependences,
     .doc = "RFC 4787 section 4.1: what a new outside port depends on.",
     .example = "endpoint-independent"},
    {.name = "filtering",
     .form = Form::word,
     .words = Words::nat_dependences,
     .doc = "RFC 4787 section 5: who may send to an outside port.",
     .example = "address-and-port-dependent"},
    {.name = "outside",
     .form = Form::name,
     .required = true,
     .doc = "The interface whose address the world sees.",
     .example = "wan"},
    {.name = "ports",
     .form = Form::word,
     .words = Words::nat_ports,
     .doc = "preserve: the inside port if it is free; random: any. preserve by default."},
    {.name = "timeout",
     .form = Form::duration,
     .doc = "How long a mapping lives without packets from inside; 5 min by default.",
     .example = "2 min"},
};
constexpr Object nat{"nat", "A translator in RFC 4787's words, for lessons: a middlebox that is not Linux.", nat_keys};

constexpr Key container_keys[] = {
    {.name = "publish",
     .form = Form::text,
     .shape = Shape::one_or_list,
     .doc = "Ports of the host that lead here, as `docker run -p`: \"8080:80\", \"127.0.0.1:8080:80\".",
     .example = "\"8080:80\""},
    {.name = "sysctls", .object = &sysctl, .doc = "Kernel settings of its network namespace."},
    {.name = "processes", .object = &process, .shape = Shape::named, .doc = "Its programs."},
};
constexpr Object container{"container", "A container on the host's bridge docker0: a host of its own in the run.",
                           container_keys};

constexpr Key clients_keys[] = {
    {.name = "count",
     .form = Form::integer,
     .least = 1,
     .most = max_count,
     .required = true,
     .doc = "How many clients.",
     .example = "100000"},
    {.name = "connect",
     .form = Form::endpoint,
     .required = true,
     .doc = "Where each connects to.",
     .example = "server:80"},
    {.name = "addresses",
     .form = Form::prefix,
     .doc = "Each client takes the next address from this one on; without it all share the host's address.",
     .example = "10.2.0.1/15"},
    {.name = "start", .form = Form::duration, .doc = "When the first connects; 0 by default.", .example = "10 ms"},
    {.name = "over",
     .form = Form::duration,
     .doc = "The time from the first to the last; 1 s by default.",
     .example = "10 s"},
};
constexpr Object clients{
    "clients",
    "A crowd of clients, one connection each: this host stands for all of them, one kernel with many addresses.",
    clients_keys};

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
    nft_key("Its firewall and NAT: text in the nft language, as `nft -f` reads it, or of iptables-save."),
    {.name = "nat", .object = &nat, .doc = "A translator in RFC 4787's words, instead of rules."},
    {.name = "containers",
     .object = &container,
     .shape = Shape::named,
     .doc = "Containers on a bridge, with the rules Docker writes for what they publish."},
    {.name = "clients", .object = &clients, .doc = "A crowd of clients, one connection each."},
    {.name = "processes", .object = &process, .shape = Shape::named, .doc = "Its programs."},
};
constexpr Object host{"host", "A computer, server or router.", host_keys};

}  // namespace fourtuple::world::format
