// The subcommands: one options struct and one function each. main.cc parses the command line into these (the only file
// that includes CLI11); each function lives in app/<command>/ or app/<command>.cc and returns the exit code:
// 0 ok, 1 the checked thing failed, 2 bad usage or bad input.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fourtuple::app {

constexpr int exit_ok = 0, exit_failed = 1, exit_bad_input = 2;

struct RunOptions {
  std::string file;
  std::string until;  // quantity text such as "2 s"; empty: the scenario's own end
  std::optional<std::uint64_t> seed;
  std::vector<std::string> set;  // "key=value", dotted paths into the scenario
  std::string events;            // "", "text" or "ndjson"
  std::string filter;            // of the events: only those about these packets; empty: all
  std::string pcap_dir;          // empty: no export
  std::string trace_file;        // empty: not saved
  std::string level = "facts";   // facts, stages, expressions
  bool digest = false;           // print only the trace digest
  bool json = false;
};
int run(const RunOptions& options);

// A capture's packets through a simulated router (app/through).
struct ThroughOptions {
  std::string ruleset;                    // file in the nft language; empty: the capture is shown as it is
  std::vector<std::string> inside;        // prefixes; none: the private ones (RFC 1918, RFC 6598, RFC 4193)
  std::string inside_name, outside_name;  // of the router's interfaces; "": as the ruleset calls them
  std::vector<std::string> own;           // addresses of the router itself, on its outside interface
};

// What leaves a capture again (app/replay/leave.h).
struct LeaveOptions {
  bool anonymize = false;
  std::string file;              // of anonymize: pcapng
  std::string key;               // of anonymize; empty: random
  std::string payload = "zero";  // of anonymize: zero or cut
  std::string scenario;          // to write; empty: none
  std::uint32_t max_flows = 200;
  bool force = false;  // an existing scenario is replaced
};

struct ReplayOptions {
  std::vector<std::string> files;  // several are read as one
  bool flows = false;
  bool json = false;
  bool packets = false;
  bool ndjson = false;
  bool outer = false;                // tunnels are not looked into
  std::vector<std::string> sockets;  // files with what ss or lsof printed
  ThroughOptions through;
  std::string trace_file;  // empty: not saved
  std::string pcap_dir;    // of the packets through the rules; empty: no export
  std::string filter;      // only these packets; empty: all
  LeaveOptions leave;
  std::vector<std::string> clock_offsets{};  // app/replay/clocks.h; empty: as the packets seen twice tell
};
int replay(const ReplayOptions& options);

struct LiveOptions {
  std::string interface;  // empty: only the sockets
  bool once = false;      // the sockets, without looking again
  bool all = false;       // connected sockets as well
  bool json = false;
  std::string seconds;                   // "10" or a quantity text; empty: until Ctrl-C
  std::optional<std::uint64_t> packets;  // stop after so many
  std::string filter;                    // in libpcap's language
  std::string file;                      // pcapng to keep the packets in; empty: none
  bool temporary = false;                // `file` is gone at the end: it is not worth telling
  std::uint32_t snap_length = 262'144;   // bytes kept of each packet
  bool view = false;                     // open the window afterwards
};
int live(const LiveOptions& options);

struct ShowOptions {
  std::string file;
  std::string at;    // quantity text; empty: the end
  std::string view;  // ss, lsof, netstat, fds, ports, routes, conntrack, nft, a path in /proc; or with its options
  std::string host;  // empty: all hosts
  bool json = false;
  std::vector<std::string> options{};  // of the view: -tanp
  bool explain = false;                // what the columns mean, without looking at `file`
};
int show(const ShowOptions& options);

struct WhyOptions {
  std::string file;
  std::optional<std::uint64_t> packet;  // its way and its causes
  bool json = false;
  std::string at{};      // quantity text: why what happens at that instant happens
  std::string socket{};  // "HOST:PORT": why its socket is as it is, at `at` or the end; none of the three: drops
  std::string filter{};  // of those listed; empty: all
};
int why(const WhyOptions& options);

struct CompareOptions {
  std::vector<std::string> files;      // one with changes, or two
  std::string at{};                    // of the changes
  std::vector<std::string> changes{};  // in words, see sim/world/what_if/change.h
  std::string look{};                  // when the runs are compared; empty: at the end
  std::optional<std::uint64_t> seed{};
  bool json = false;
};
int compare(const CompareOptions& options);

struct CheckOptions {
  std::vector<std::string> files;
  bool expand = false;
  bool json = false;
};
int check(const CheckOptions& options);

// Runs packetdrill scripts against the simulated stack.
struct DrillOptions {
  std::vector<std::string> files;
  std::vector<std::string> definitions;         // "NAME=VALUE"
  std::map<std::string, std::string> settings;  // options of the language by name; empty: as the script has it
  bool allow_skipped = false;                   // lines that are not simulated are no failure
};
int drill_scripts(const DrillOptions& options);

// Prints the JSON Schema of the scenario format.
int schema();

struct ViewOptions {
  std::vector<std::string> files;    // several captures are read as one
  std::vector<std::string> sockets;  // files with what ss or lsof printed
  ThroughOptions through;
  std::string at;
  std::string screenshot;                    // PNG file; empty: opens a window
  std::string size;                          // "1440x900"; empty: as it was the last time
  std::string panel;                         // map, host, ladder, rules, conntrack, sockets, tcp, packet
  std::string host;                          // for the host panel
  std::string keys;                          // script of keys and clicks
  std::string theme;                         // dark, light, high-contrast; empty: as chosen before
  std::string scale;                         // "1.5"; empty: as chosen before
  std::string filter{};                      // to begin with
  std::string title{};                       // of the window, instead of the file's name
  std::vector<std::string> clock_offsets{};  // of several captures
};
int view(const ViewOptions& options);

struct RenderOptions {
  ViewOptions view;  // of it: files, sockets, through, at, size, panel, host, theme, scale
  std::string out;   // picture: .png, .gif or .svg
  std::string from, to;
  std::optional<std::uint64_t> packet;
  std::uint32_t fps = 20;     // of an animation
  std::string pace = "hops";  // of an animation: hops (each takes the same time) or time
  std::string seconds;        // how long an animation lasts; empty: as long as its hops take
  bool window = false;        // the whole window instead of one panel
};
int render(const RenderOptions& options);

struct BenchOptions {
  std::string what = "chain";
  std::string mode = "tcp";  // tcp or udp
  std::uint32_t flows = 1;
  std::string seconds = "1 s";  // simulated
  std::string level = "off";    // off or facts
  std::string nft;              // ruleset of the routers; empty: none
  bool json = false;
};
int bench(const BenchOptions& options);

}  // namespace fourtuple::app
