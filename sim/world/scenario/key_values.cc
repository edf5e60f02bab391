// Values that several parts of the format take: texts, endpoints, selectors, conditions, payloads.
#include "sim/world/scenario/key_objects.h"

namespace fourtuple::world::format {

constexpr Key language_keys[] = {
    {.name = "en", .form = Form::text, .doc = "The words in English."},
    {.name = "ja", .form = Form::text, .doc = "The words in Japanese."},
};
constexpr Object languages{"text", "A text in several languages.", language_keys};

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

constexpr Key keep_alive_keys[] = {
    {.name = "idle",
     .form = Form::duration,
     .doc = "TCP_KEEPIDLE: silence before the first probe, 1 s to 32767 s; tcp_keepalive_time when absent.",
     .example = "10 s"},
    {.name = "interval",
     .form = Form::duration,
     .doc = "TCP_KEEPINTVL: between probes, 1 s to 32767 s; tcp_keepalive_intvl when absent.",
     .example = "1 s"},
    {.name = "count",
     .form = Form::integer,
     .least = 1,
     .most = 127,
     .doc = "TCP_KEEPCNT: unanswered probes; tcp_keepalive_probes when absent.",
     .example = "3"},
};
constexpr Object keep_alive{"keep-alive", "When a silent peer is asked, and how often.", keep_alive_keys};

constexpr Key bytes_keys[] = {
    {.name = "text", .form = Form::text, .chooses = true, .doc = "These bytes."},
    {.name = "bytes",
     .form = Form::size,
     .chooses = true,
     .doc = "This many bytes of a test pattern.",
     .example = "64 KB"},
};
constexpr Object bytes{"payload", "What is sent: a text, or many bytes.", bytes_keys};

}  // namespace fourtuple::world::format
