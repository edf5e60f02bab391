#include "app/views/views.h"

#include <fmt/format.h>

#include "app/views/rows.h"
#include "sim/base/nearest.h"

namespace fourtuple::app {
namespace {

// Views without options of their own. `also` is what a user would type on the host.
struct PlainView {
  std::string_view name, also;
  std::string (*text)(const ViewInput& input, HostId host);
  Json (*json)(const ViewInput& input, HostId host);
  bool names_ports = false;
};
constexpr PlainView plain_views[] = {
    {"fds", "", fds_text, fds_json},
    {"gauges", "", gauges_text, gauges_json},
    {"ports", "", ports_text, ports_json, true},
    {"routes", "ip route", routes_text, routes_json},
    {"conntrack", "conntrack -L", conntrack_text, conntrack_json},
    {"nft", "nft list ruleset", nft_text, nft_json},
};

struct Tool {
  std::string_view name;
  Outcome<Listing> (*listing)(Words words);
};
constexpr Tool tools[] = {{"ss", ss_listing}, {"lsof", lsof_listing}, {"netstat", netstat_listing}};

constexpr std::string_view all_views =
    "ss, lsof, netstat, fds, gauges, ports, routes, conntrack, nft or a path in /proc";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c != ' ') {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// `cat /proc/net/tcp`, `ls -l /proc/80/fd`, `/proc/80/fd` or `proc/net/tcp`: the path; "" for anything else.
std::string proc_path(const std::vector<std::string>& words) {
  const bool command = words[0] == "cat" || words[0] == "ls";
  const std::string& last = words.back();
  if (!command && words.size() != 1) return "";
  if (last.starts_with("/proc/")) return last;
  return last.starts_with("proc/") ? "/" + last : "";
}

const PlainView* find_plain(const std::vector<std::string>& words) {
  const std::string text = joined(words);
  for (const PlainView& view : plain_views)
    if (text == view.name || text == view.also) return &view;
  return nullptr;
}

Error no_such_view(const std::vector<std::string>& words) {
  std::vector<std::string_view> names{"/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"};
  for (const Tool& tool : tools) names.push_back(tool.name);
  for (const PlainView& view : plain_views) {
    names.push_back(view.name);
    if (words[0] != view.name) continue;
    return {{}, fmt::format("the view '{}' takes no options", view.name), "", ""};
  }
  return {{}, fmt::format("there is no view '{}'", words[0]), std::string(all_views), nearest(words[0], names)};
}

}  // namespace

Outcome<Listing> parse_listing(const std::vector<std::string>& words) {
  std::vector<std::string> all = words.empty() ? std::vector<std::string>{} : split(words[0]);
  if (all.empty()) return fail({}, "no view is given", std::string(all_views));
  all.insert(all.end(), words.begin() + 1, words.end());
  if (const std::string path = proc_path(all); !path.empty()) return proc_listing(path);
  if (const PlainView* view = find_plain(all)) {
    const auto table = [view](const ViewInput& input, HostId host) {
      return table_of_lines(view->name, view->text(input, host));
    };
    return Listing{std::string(view->name), view->name,        view->text, view->json,
                   trace::Level::stages,    view->names_ports, table};
  }
  for (const Tool& tool : tools)
    if (tool.name == all[0]) return tool.listing(Words(all).subspan(1));
  return tl::unexpected<Error>(no_such_view(all));
}

std::string_view views_help() {
  return "Views, with the options of the tool itself:\n"
         "  ss -t -u -a -l -n -p -e -o -H -4 -6, ss -s      sockets; without options ss -tuanp\n"
         "  netstat -t -u -a -l -n -p -e -o -W -4 -6        sockets; without options netstat -an\n"
         "  lsof -i [46][tcp|udp][@address][:port] -c NAME -p PID -u USER -s TCP:STATE -a -n -P -l -t\n"
         "                                                  descriptors of sockets; without options lsof -i -nP\n"
         "  cat /proc/net/tcp (tcp6, udp, udp6)             the kernel's own tables\n"
         "  ls -l /proc/PID/fd                              descriptors of one process\n"
         "  ss -x (-a, -l, -p), lsof -U                     AF_UNIX sockets\n"
         "  gauges                                          descriptors and limits, kernel memory, packets\n"
         "  fds, ports, routes, conntrack, nft              descriptors, ports with names and ranges, routes, tracked\n"
         "                                                  connections, rules with counters";
}

}  // namespace fourtuple::app
