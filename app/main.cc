// The command line: arguments to option structs, nothing else. The only file that includes CLI11.
#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/output.h"
#include "app/views/views.h"
#include "sim/world/scenario/words.h"

namespace fourtuple::app {
namespace {

constexpr std::string_view commands[] = {"view",   "run",     "replay", "live",   "show",  "why",
                                         "render", "compare", "check",  "schema", "drill", "bench"};

constexpr const char* about =
    "Fourtuple shows how data finds the right process: hosts, ports, sockets and TCP, packet by packet,\n"
    "forwards and backwards in time.";

constexpr const char* examples =
    "Examples:\n"
    "  fourtuple                                  open the window with the first scenario\n"
    "  fourtuple scenarios/first_run.yaml         open a scenario, a capture (.pcap) or a saved trace\n"
    "  fourtuple run scenarios/first_run.yaml     run it without a window and check what it expects\n"
    "  fourtuple show FILE --at 300ms ss          the sockets of every host at an instant\n"
    "  fourtuple why FILE                         which packets were dropped, and by which rule\n"
    "  fourtuple render FILE --panel ladder -o x.svg   a picture for slides\n"
    "  fourtuple check my.yaml                    find mistakes in a scenario\n"
    "\n"
    "`fourtuple COMMAND --help` explains a command with examples.\n"
    "Exit codes: 0 ok, 1 the checked thing failed, 2 bad usage or bad input.";

// All options of all commands; the callbacks of the parsed subcommand pick theirs.
struct Options {
  ViewOptions view;
  RunOptions run;
  ReplayOptions replay;
  LiveOptions live;
  ShowOptions show;
  WhyOptions why;
  RenderOptions render;
  CompareOptions compare;
  CheckOptions check;
  DrillOptions drill;
  BenchOptions bench;
};

// Packets of a capture through a router; the option with the ruleset.
CLI::Option* add_through(CLI::App& command, ThroughOptions& options) {
  CLI::Option* nft =
      command.add_option("--nft", options.ruleset, "Send the packets through a router with this ruleset");
  command.add_option("--inside", options.inside, "Prefix of the addresses inside; the private ones when absent")
      ->type_size(1)
      ->allow_extra_args(false)
      ->needs(nft);
  command.add_option("--router", options.own, "An address of the router itself")
      ->type_size(1)
      ->allow_extra_args(false)
      ->needs(nft);
  command.add_option("--inside-name", options.inside_name, "The router's interface inside, as the rules call it")
      ->needs(nft);
  command.add_option("--outside-name", options.outside_name, "The one outside")->needs(nft);
  return nft;
}

// Lists of sockets joined to a capture.
CLI::Option* add_sockets(CLI::App& command, std::vector<std::string>& files) {
  return command
      .add_option("--sockets", files,
                  "What `ss -tanp` or `lsof -i -nP` printed on a machine of the capture; may be given again")
      ->type_size(1)
      ->allow_extra_args(false);
}

// How the clocks of several captures are set.
void add_clock_offset(CLI::App& command, std::vector<std::string>& offsets) {
  command
      .add_option("--clock-offset", offsets,
                  "Of several captures: 'none', or the time to add to the second one's clock, such as '-1.75 s'; again "
                  "for the third. As packets seen in both tell when absent")
      ->type_size(1)
      ->allow_extra_args(false);
}

// The packets a command is about (docs/filter.md).
CLI::Option* add_filter(CLI::App& command, std::string& filter) {
  return command.add_option("--filter", filter,
                            "Only these packets: 'port 443', 'host:server and dropped', 'state:SYN-SENT'");
}

void add_view(CLI::App& app, ViewOptions& options) {
  CLI::App* command = app.add_subcommand("view", "Open the window on a scenario, a capture or a saved trace");
  command->add_option("FILE", options.files,
                      "Scenarios (.yaml), captures (.pcap, .pcapng) or traces; several captures are shown as one; "
                      "none: the first scenario");
  CLI::Option* nft = add_through(*command, options.through);
  add_sockets(*command, options.sockets)->excludes(nft);
  command->add_option("--at", options.at, "Start at this instant, such as 300ms");
  command->add_option("--screenshot", options.screenshot, "Write a PNG instead of opening a window");
  command->add_option("--size", options.size, "Size in pixels, such as 1280x800");
  command->add_option("--panel", options.panel, "Panel to show first")
      ->check(CLI::IsMember({"map", "host", "ladder", "rules", "conntrack", "sockets", "tcp", "packet", "why"}));
  command->add_option("--host", options.host, "Host for the panels about one host");
  add_filter(*command, options.filter);
  add_clock_offset(*command, options.clock_offsets);
  command->add_option("--keys", options.keys,
                      "Input to play first, or a file of it: 'key Right; key Alt+Right; click 400 300; shot out.png'");
  command->add_option("--theme", options.theme, "Colours")->check(CLI::IsMember({"dark", "light", "high-contrast"}));
  command->add_option("--scale", options.scale, "Size of text and pictures, such as 1.5");
  command->footer(
      "Examples:\n"
      "  fourtuple view scenarios/first_run.yaml\n"
      "  fourtuple view home.pcap --nft home.nft     the packets of a capture on their way through the rules\n"
      "  fourtuple view inside.pcap outside.pcap     both sides of a NAT: one flow with two tuples\n"
      "  fourtuple view scenarios/first_run.yaml --at 300ms --panel host --host server --screenshot out/server.png");
}

void add_run(CLI::App& app, RunOptions& options) {
  CLI::App* command = app.add_subcommand("run", "Run a scenario without a window and check what it expects");
  command->add_option("SCENARIO", options.file, "Scenario file (.yaml)")->required();
  command->add_option("--until", options.until, "Stop at this instant, such as '2 s'");
  command->add_option("--seed", options.seed, "Seed of all random choices, instead of the scenario's");
  command->add_option("--set", options.set, "KEY=VALUE: change the scenario first; may be given again")
      ->type_size(1)
      ->allow_extra_args(false);
  CLI::Option* events = command->add_option("--events", options.events, "Print what happens, one line for each event")
                            ->check(CLI::IsMember({"text", "ndjson"}));
  add_filter(*command, options.filter)->needs(events);
  command->add_option("--pcap", options.pcap_dir, "Write one capture for each interface into this folder");
  command->add_option("--trace", options.trace_file, "Save the trace for `fourtuple view`");
  command->add_option("--level", options.level, "Detail to record")
      ->check(CLI::IsMember({"facts", "stages", "expressions"}))
      ->capture_default_str();
  command->add_flag("--digest", options.digest, "Print only the digest of the trace");
  command->add_flag("--json", options.json, "Report as JSON");
  command->footer(
      "Examples:\n"
      "  fourtuple run scenarios/first_run.yaml\n"
      "  fourtuple run scenarios/first_run.yaml --events text\n"
      "  fourtuple run scenarios/first_run.yaml --events text --filter 'reset or dropped'\n"
      "  fourtuple run scenarios/first_run.yaml --set 'networks.wan.loss=5 %' --seed 3\n"
      "  fourtuple run scenarios/first_run.yaml --pcap out/      then: wireshark out/*.pcap");
}

// A copy of a capture that can be given away.
void add_anonymize(CLI::App& command, LeaveOptions& options) {
  CLI::Option* anonymize =
      command.add_flag("--anonymize", options.anonymize, "Write a copy without real addresses, payload and names");
  CLI::Option* out = command.add_option("-o,--output", options.file, "The copy (.pcapng)")
                         ->check([](const std::string& text) { return text.empty() ? "the name is empty" : ""; })
                         ->needs(anonymize);
  anonymize->needs(out);
  command
      .add_option("--anonymize-key", options.key,
                  "A secret text: the same one maps addresses the same way again; random when absent")
      ->check([](const std::string& text) { return text.empty() ? "the key is empty" : std::string(); })
      ->needs(anonymize);
  command.add_option("--anonymize-payload", options.payload, "zero: zeros of the same length; cut: only headers stay")
      ->check(CLI::IsMember({"zero", "cut"}))
      ->needs(anonymize);
  for (const char* other :
       {"--flows", "--packets", "--json", "--ndjson", "--outer", "--nft", "--sockets", "--filter", "--clock-offset"})
    anonymize->excludes(command.get_option(other));
}

// A scenario with the load of a capture.
void add_to_scenario(CLI::App& command, LeaveOptions& options) {
  CLI::Option* scenario =
      command
          .add_option("--to-scenario", options.scenario, "Write a scenario (.yaml) in which programs do the same again")
          ->check([](const std::string& text) { return text.empty() ? "the name is empty" : ""; });
  command.add_option("--max-flows", options.max_flows, "Most conversations of the scenario")
      ->check(CLI::Range(1, 5000))
      ->capture_default_str()
      ->needs(scenario);
  command.add_flag("--force", options.force, "Replace the scenario if there is one")->needs(scenario);
  for (const char* other : {"--anonymize", "--flows", "--packets", "--json", "--ndjson", "--nft", "--filter"})
    scenario->excludes(command.get_option(other));
}

void add_replay(CLI::App& app, ReplayOptions& options) {
  CLI::App* command = app.add_subcommand("replay", "Read a capture and report its flows");
  command->add_option("CAPTURE", options.files, "Capture files (.pcap, .pcapng); several are read as one")->required();
  CLI::Option* flows = command->add_flag("--flows", options.flows, "One line for each conversation");
  command->add_flag("--packets", options.packets, "One line for each packet");
  CLI::Option* json = command->add_flag("--json", options.json, "Report as JSON");
  CLI::Option* ndjson = command->add_flag("--ndjson", options.ndjson, "One JSON object a line for each packet");
  command->add_flag("--outer", options.outer, "Do not look into tunnels (GRE, VXLAN, IP in IP)");
  CLI::Option* nft = add_through(*command, options.through);
  flows->excludes(nft);
  ndjson->excludes(nft)->excludes(json);
  add_sockets(*command, options.sockets)->excludes(nft);
  add_filter(*command, options.filter)->excludes(nft);
  add_clock_offset(*command, options.clock_offsets);
  command->add_option("--trace", options.trace_file, "Save the run through the rules, to view it")->needs(nft);
  command
      ->add_option("--pcap", options.pcap_dir,
                   "Write what passed the router's interfaces into this folder, drops and rules as comments")
      ->needs(nft);
  add_anonymize(*command, options.leave);
  add_to_scenario(*command, options.leave);
  command->footer(
      "Examples:\n"
      "  fourtuple replay home.pcap --flows\n"
      "  fourtuple replay home.pcap --filter 'udp port 53'\n"
      "  fourtuple replay home.pcap --nft home.nft   which rule decides about each packet\n"
      "  ss -tanp > now.txt; fourtuple replay home.pcap --sockets now.txt   whose the conversations are\n"
      "  fourtuple replay home.pcap --anonymize -o public.pcapng   a copy to give away\n"
      "  fourtuple replay home.pcap --to-scenario home.yaml        its load, to run under other rules or loss\n"
      "  fourtuple replay inside.pcap outside.pcap   both sides of a NAT: which flows are one, how the clocks differ\n"
      "  fourtuple view home.pcap                    the same capture as a picture");
}

// CLI11 would take -1 and what does not fit for other numbers.
std::string check_count(const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec == std::errc() && read.ptr == end && value != 0) return {};
  return "'" + text + "' is not a whole number from 1 to 18446744073709551615";
}

std::string check_given(const std::string& text) {
  return text.empty() ? "the time is empty" : "";
}

void add_live(CLI::App& app, LiveOptions& options) {
  CLI::App* command = app.add_subcommand("live", "Show this machine: what listens, and the packets of each process");
  CLI::Option* interface =
      command->add_option("IFACE", options.interface, "Interface to capture on, such as eth0, lo or any");
  command->add_flag("--once", options.once, "Without IFACE: the table once, also on a terminal");
  command->add_flag("-a,--all", options.all, "Without IFACE: connected sockets as well");
  command->add_flag("--json", options.json, "Report as JSON, at the end");
  command->add_option("--seconds", options.seconds, "Stop after this time, such as 10 or '2 min'; else Ctrl-C ends")
      ->check(check_given)
      ->needs(interface);
  command->add_option("--packets", options.packets, "Stop after so many packets")->check(check_count)->needs(interface);
  command->add_option("--filter", options.filter, "Only these packets, as tcpdump takes it: 'tcp port 80'")
      ->needs(interface);
  command->add_option("-w,--write", options.file, "Keep the packets in this pcapng file, with the names of processes")
      ->needs(interface);
  command->add_option("--snap", options.snap_length, "Bytes kept of each packet")
      ->check(CLI::Range(64, 262'144))
      ->capture_default_str()
      ->needs(interface);
  command->add_flag("--view", options.view, "Open the window on what was captured, after the end")->needs(interface);
  command->footer(
      "Without IFACE it needs no privilege; capturing needs CAP_NET_RAW (root).\n"
      "Examples:\n"
      "  fourtuple live                          everything that listens, as `ss -tulnp` shows it\n"
      "  sudo fourtuple live eth0                conversations and their processes, as they come\n"
      "  sudo fourtuple live lo --seconds 10 --json\n"
      "  sudo fourtuple live any --filter 'port 53' -w dns.pcapng    then: fourtuple view dns.pcapng\n"
      "~ behind a process: the one that listens; a name is missing when its socket was gone before it was looked for.");
}

void add_show(CLI::App& app, ShowOptions& options) {
  CLI::App* command =
      app.add_subcommand("show", "Show a host's tables at an instant, as its own tools would print them");
  command->add_option("FILE", options.file, "Scenario, capture or trace")->required();
  command->add_option("VIEW", options.view, "What to show, with the options of that tool: ss -tanp");
  command->allow_extras();
  command->add_option("--at", options.at, "The instant, such as 300ms; the end when absent");
  command->add_option("--host", options.host, "Only this host");
  command->add_flag("--json", options.json, "Report as JSON");
  command->add_flag("--explain", options.explain, "Tell what the columns of the view mean");
  command->footer(std::string(views_help()) +
                  "\n"
                  "Examples:\n"
                  "  fourtuple show scenarios/first_run.yaml --at 300ms ss -tanp\n"
                  "  fourtuple show scenarios/first_run.yaml lsof -i :80 --host server\n"
                  "  fourtuple show scenarios/first_run.yaml cat /proc/net/tcp\n"
                  "  fourtuple show ss --explain                  what Recv-Q and Send-Q mean\n"
                  "  fourtuple show FILE nft --host router        the rules with their counters at the end");
}

void add_why(CLI::App& app, WhyOptions& options) {
  CLI::App* command = app.add_subcommand("why", "Tell what became of a packet and why, rule by rule");
  command->add_option("FILE", options.file, "Scenario, capture or trace")->required();
  CLI::Option* packet = command->add_option("--packet", options.packet,
                                            "Number of the packet; the dropped packets are listed when absent");
  command->add_option("--at", options.at, "Why what happens at this instant happens, such as '1.2 s'");
  command->add_option("--socket", options.socket, "HOST:PORT: the last thing that befell this socket, until --at");
  add_filter(*command, options.filter)->excludes(packet);
  command->add_flag("--json", options.json, "Report as JSON");
  command->footer(
      "Examples:\n"
      "  fourtuple why scenarios/first_run.yaml                which packets were dropped, and their numbers\n"
      "  fourtuple why scenarios/first_run.yaml --packet 14    the way of one packet, and why it ended so\n"
      "  fourtuple why scenarios/first_run.yaml --at '1 s'     the chain of causes of what happens then\n"
      "  fourtuple why FILE --socket server:80 --at '1 s'      of the last thing that befell a socket\n"
      "Frames of a capture count from 1, packets of a simulation from 0 as in `run --events ndjson`.");
}

void add_render(CLI::App& app, RenderOptions& options) {
  CLI::App* command = app.add_subcommand("render", "Draw a picture for slides: PNG, SVG or an animated GIF");
  ViewOptions& view = options.view;
  view.size = "1280x720";
  command->add_option("FILE", view.files, "Scenario, capture or trace")->required()->expected(1);
  command->add_option("-o,--output", options.out, "The picture to write: .png, .svg or .gif")->required();
  CLI::Option* at = command->add_option("--at", view.at, "The instant, such as 300ms; a lively one when absent");
  command->add_option("--from", options.from, "Start of an animation, or of a whole ladder (.svg)")->excludes(at);
  command->add_option("--to", options.to, "Its end")->excludes(at);
  command->add_option("--panel", view.panel, "Panel to draw: map when absent")
      ->check(CLI::IsMember({"map", "host", "ladder", "rules", "conntrack", "sockets", "tcp", "packet", "why"}));
  command->add_option("--host", view.host, "Host for the panels about one host");
  command->add_option("--packet", options.packet, "Packet to select, by its number; the ladder shows its conversation");
  command->add_option("--size", view.size, "Size in pixels; a whole ladder is as high as it must be")
      ->capture_default_str();
  command->add_option("--scale", view.scale, "Size of text and pictures, such as 1.5")->capture_default_str();
  command->add_option("--theme", view.theme, "Colours")->capture_default_str();
  command->add_flag("--window", options.window, "The whole window with its bars, instead of one panel");
  command->add_option("--fps", options.fps, "Pictures a second of an animation, 1 to 50")
      ->check(CLI::Range(1, 50))
      ->capture_default_str();
  command->add_option("--pace", options.pace, "hops: every hop takes the same time; time: true time")
      ->check(CLI::IsMember({"hops", "time"}))
      ->capture_default_str();
  command->add_option("--seconds", options.seconds, "How long an animation lasts, at most 60");
  add_filter(*command, view.filter);
  CLI::Option* nft = add_through(*command, view.through);
  add_sockets(*command, view.sockets)->excludes(nft);
  command->footer(
      "Needs no display.\n"
      "Examples:\n"
      "  fourtuple render scenarios/first_run.yaml --at 300ms -o map.png\n"
      "  fourtuple render scenarios/first_run.yaml --panel ladder --packet 3 --theme light -o ladder.svg\n"
      "  fourtuple render scenarios/first_run.yaml --panel ladder --from 0s --to 2s -o whole.svg\n"
      "  fourtuple render scenarios/first_run.yaml --from 200ms --to 300ms --size 960x540 -o syn.gif\n"
      "  fourtuple render home.pcap --at 1s --panel tcp -o tcp.png");
}

void add_compare(CLI::App& app, CompareOptions& options) {
  CLI::App* command =
      app.add_subcommand("compare", "Run a scenario as it is and changed at an instant, and find the first difference");
  command->add_option("FILE", options.files, "A scenario; or two files: scenarios, captures or traces")->required();
  command->add_option("--at", options.at, "The instant of the change, such as 300ms");
  command->add_option("--change", options.changes, "What is changed then; may be given again")
      ->type_size(1)
      ->allow_extra_args(false);
  command->add_option("--look", options.look, "The instant at which both runs are compared; the end when absent");
  command->add_option("--seed", options.seed, "Seed of all random choices, instead of the scenario's");
  command->add_flag("--json", options.json, "Report as JSON");
  command->footer(
      "Changes:\n"
      "  server: remove rule 4 of inet filter input          also: insert rule 4 of … : TEXT, replace rule 4 of … : "
      "TEXT\n"
      "  server: nft add rule inet filter input drop         any commands of nft; server: flush rules\n"
      "  server: kill httpd                                  or its pid\n"
      "  server: set tcp_syn_retries 2                       a kernel setting\n"
      "  internet: loss 10 %, delay 50 ms                    a network: loss, delay, rate, queue, down, up\n"
      "  drop packet 17                                      numbered as `fourtuple why` does\n"
      "Examples:\n"
      "  fourtuple compare scenarios/firewall/drop_reject_reset.yaml --at 500ms \\\n"
      "    --change 'server: remove rule 4 of inet filter input' --look 1200ms\n"
      "  fourtuple compare before.trace after.trace          exit code 1 when they differ");
}

void add_check(CLI::App& app, CheckOptions& options) {
  CLI::App* command =
      app.add_subcommand("check", "Find the mistakes in scenarios: file, line, column, what was expected");
  command->add_option("FILE", options.files, "Scenario files (.yaml)")->required();
  command->add_flag("--expand", options.expand, "Print the scenario with every default and address written out");
  command->add_flag("--json", options.json, "Report as JSON");
  command->footer(
      "Examples:\n"
      "  fourtuple check my.yaml\n"
      "  fourtuple check scenarios/*.yaml --json\n"
      "  fourtuple check my.yaml --expand");
}

void add_schema(CLI::App& app) {
  CLI::App* command = app.add_subcommand("schema", "Print the JSON Schema of the scenario format, for editors");
  command->footer(
      "Example:\n"
      "  fourtuple schema > fourtuple.schema.json\n"
      "  and as the first line of a scenario: # yaml-language-server: $schema=fourtuple.schema.json");
}

void add_drill(CLI::App& app, DrillOptions& options) {
  CLI::App* command = app.add_subcommand("drill", "Run packetdrill scripts against the simulated stack");
  command->add_option("SCRIPT", options.files, "Scripts (.pkt)")->required();
  command->add_option("-D,--define", options.definitions, "NAME=VALUE: a word of the scripts and what it stands for")
      ->type_size(1)
      ->allow_extra_args(false);
  command->add_flag("--allow-skipped", options.allow_skipped, "Lines that are not simulated are no failure");
  struct Setting {
    const char *name, *about;
  };
  constexpr Setting settings[] = {
      {"ip_version", "ipv4, ipv6 or ipv4-mapped-ipv6"},
      {"bind_port", "Port of the kernel under test"},
      {"connect_port", "Port of the other side"},
      {"local_ip", "Address of the kernel under test"},
      {"remote_ip", "Address of the other side"},
      {"mtu", "Of the interface between them"},
      {"tolerance_usecs", "How much times may differ"},
      {"tolerance_percent", "The same, of the time since the event before"},
      {"tcp_ts_tick_usecs", "Length of a tick of timestamps; 0: they are not checked"},
      {"non_fatal", "packet, syscall: differences that do not end a script"},
  };
  for (const Setting& setting : settings)
    command->add_option(std::string("--") + setting.name, options.settings[setting.name], setting.about);
  for (const char* name : {"strict_segments", "tcp_ts_ecr_scaled"})
    command->add_flag_callback(std::string("--") + name, [&options, name] { options.settings[name] = "1"; });
  command->footer(
      "Options go before those of the scripts.\n"
      "Examples:\n"
      "  fourtuple drill handshake.pkt\n"
      "  fourtuple drill *.pkt -D TFO_COOKIE=3021b9d889017eeb --mtu 1500\n"
      "  fourtuple view handshake.pkt               watch its packets\n"
      "Exit code 1: a script failed, or some of its lines are not simulated.");
}

void add_bench(CLI::App& app, BenchOptions& options) {
  CLI::App* command = app.add_subcommand("bench", "Measure how many packets a second this machine simulates");
  command
      ->add_option("WHAT", options.what,
                   "What is measured: chain (packets a second) or connections (bytes and time each)")
      ->capture_default_str();
  command->add_option("--mode", options.mode, "Protocol")->check(CLI::IsMember({"tcp", "udp"}))->capture_default_str();
  command->add_option("--flows", options.flows, "Conversations at once")->capture_default_str();
  command->add_option("--seconds", options.seconds, "Simulated time")->capture_default_str();
  command->add_option("--level", options.level, "Detail to record")
      ->check(CLI::IsMember({"off", "facts"}))
      ->capture_default_str();
  command->add_flag("--json", options.json, "Report as JSON");
  command->add_option("--nft", options.nft, "Rules of both routers on the way");
  command->footer(
      "Examples:\n"
      "  fourtuple bench --flows 1000 --seconds '5 s'\n"
      "  fourtuple bench --nft tests/data/rulesets/01-home-basic.nft   the same through rules and connection tracking\n"
      "  fourtuple bench connections --flows 1000000");
}

// `fourtuple FILE` means `fourtuple view FILE`: a first word that is no command but looks like a file, or an option.
bool means_view(const std::string& word) {
  if (word == "-h" || word == "--help" || word == "--version") return false;
  if (word.starts_with('-')) return true;
  return word.find_first_of("./\\") != std::string::npos || std::filesystem::exists(word);
}

bool is_command(const std::string& word) {
  return std::find(std::begin(commands), std::end(commands), word) != std::end(commands);
}

int unknown_command(const std::string& word) {
  std::string text = "error: there is no command '" + word + "'";
  const std::string suggestion = world::nearest(word, commands);
  if (!suggestion.empty()) text += "; did you mean '" + suggestion + "'?";
  std::fprintf(stderr,
               "%s\nCommands: view, run, replay, live, show, why, render, compare, check, schema, drill, bench. "
               "`fourtuple --help` has examples.\n",
               text.c_str());
  return exit_bad_input;
}

// The option nearest to the first argument nobody expected.
std::string option_suggestion(const CLI::App& command, const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  const std::vector<std::string_view> views(names.begin(), names.end());
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    if (!name.starts_with("--") || std::find(views.begin(), views.end(), name) != views.end()) continue;
    return world::nearest(name, views);
  }
  return {};
}

// CLI11's words, where they are meant for users. All values that are converted are numbers.
std::string words_of(const CLI::ParseError& error) {
  std::string text = error.what();
  const std::string_view conversion = "Could not convert: ";
  const std::size_t equals = text.find(" = ");
  if (!text.starts_with(conversion) || equals == std::string::npos) return text;
  const std::string option = text.substr(conversion.size(), equals - conversion.size());
  return "'" + text.substr(equals + 3) + "' is not a number in the range of " + option;
}

int bad_usage(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& arguments) {
  std::string text = "error: " + words_of(error);
  std::string help = "fourtuple";
  for (const CLI::App* command : app.get_subcommands()) {
    help += " " + command->get_name();
    const std::string suggestion = option_suggestion(*command, arguments);
    if (!suggestion.empty()) text += "; did you mean '" + suggestion + "'?";
  }
  std::fprintf(stderr, "%s\n`%s --help` has examples.\n", text.c_str(), help.c_str());
  return exit_bad_input;
}

// What CLI11 did not know: the options of the tool whose view is shown.
ShowOptions with_view_options(const CLI::App& app, ShowOptions options) {
  options.options = app.get_subcommand("show")->remaining();
  return options;
}

int dispatch(const CLI::App& app, const Options& options) {
  if (app.got_subcommand("run")) return run(options.run);
  if (app.got_subcommand("replay")) return replay(options.replay);
  if (app.got_subcommand("live")) return live(options.live);
  if (app.got_subcommand("show")) return show(with_view_options(app, options.show));
  if (app.got_subcommand("why")) return why(options.why);
  if (app.got_subcommand("render")) return render(options.render);
  if (app.got_subcommand("compare")) return compare(options.compare);
  if (app.got_subcommand("check")) return check(options.check);
  if (app.got_subcommand("schema")) return schema();
  if (app.got_subcommand("drill")) return drill_scripts(options.drill);
  if (app.got_subcommand("bench")) return bench(options.bench);
  return view(options.view);
}

int run_main(std::vector<std::string> arguments) {
  if (!arguments.empty() && !is_command(arguments[0])) {
    if (means_view(arguments[0]))
      arguments.insert(arguments.begin(), "view");
    else if (!arguments[0].starts_with('-'))
      return unknown_command(arguments[0]);
  }
  Options options;
  CLI::App app(about, "fourtuple");
  app.set_version_flag("--version", "fourtuple " FOURTUPLE_VERSION);
  app.footer(examples);
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(28);
  add_view(app, options.view);
  add_run(app, options.run);
  add_replay(app, options.replay);
  add_live(app, options.live);
  add_show(app, options.show);
  add_why(app, options.why);
  add_render(app, options.render);
  add_compare(app, options.compare);
  add_check(app, options.check);
  add_schema(app);
  add_drill(app, options.drill);
  add_bench(app, options.bench);
  try {
    // CLI11 takes the arguments from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);
    return bad_usage(app, error, arguments);
  }
  return finish_output(dispatch(app, options));
}

}  // namespace
}  // namespace fourtuple::app

int main(int argc, char** argv) {
  try {
    return fourtuple::app::run_main({argv + std::min(argc, 1), argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return fourtuple::app::exit_bad_input;
  }
}
