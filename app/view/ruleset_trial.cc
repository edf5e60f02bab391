#include "app/view/ruleset_trial.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <set>

#include "app/ruleset_file.h"
#include "app/through/interface_names.h"

namespace fourtuple::app {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_ports = 8;
constexpr int known_ports[] = {22, 80, 443};

// {} stand for: file name, its inside and outside interfaces, ports that listen, and the timeline.
constexpr std::string_view network = R"(fourtuple: 1
title: {{ en: "Trying {0}", ja: "{0} を試す" }}
until: 8 s
networks:
  inside: {{ delay: 1 ms, rate: 1 Gbit/s }}
  outside: {{ delay: 10 ms, rate: 100 Mbit/s }}
hosts:
  laptop:
    interfaces: {{ eth0: {{ network: inside, address: 192.168.1.10/24 }} }}
    routes: {{ default: 192.168.1.1 }}
    processes:
      browser: {{ pid: 1204 }}
      local: {{ pid: 1300, listen: [{3}], program: discard }}
  router:
    kind: router
    interfaces:
      "{1}": {{ network: inside, address: 192.168.1.1/24 }}
      "{2}": {{ network: outside, address: 203.0.113.5/24 }}
    nft: {{ file: "{0}" }}
    processes:
      services: {{ user: root, pid: 640, listen: [{3}], program: discard }}
  server:
    interfaces: {{ eth0: {{ network: outside, address: 203.0.113.80/24 }} }}
    processes:
      httpd: {{ user: root, pid: 812, listen: [{3}], program: discard }}
  stranger:
    interfaces: {{ eth0: {{ network: outside, address: 203.0.113.66/24 }} }}
    routes: {{ 192.168.1.0/24: 203.0.113.5 }}
    processes: {{ scanner: {{ pid: 66 }} }}
timeline:
{4}captions:
  - at: 0 s
    title: {{ en: From inside to the world, ja: 中から外へ }}
    say: {{ en: "The laptop asks a server outside. Press R to read each comparison, Alt and the arrow keys to step through the rules.", ja: "パソコンが外のサーバーに頼みます。R で規則の画面、Alt と矢印で一つずつ進みます。" }}
  - at: 2 s
    title: {{ en: To the router itself, ja: ルーター自身へ }}
    say: {{ en: A stranger knocks on the router's own ports., ja: 見知らぬ人がルーターのポートをたたきます。 }}
  - at: 4 s
    title: {{ en: From the world to the inside, ja: 外から中へ }}
    say: {{ en: The stranger tries the laptop behind it., ja: 見知らぬ人がルーターの奥のパソコンに接続を試みます。 }}
)";

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string beginning_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(4096, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return text;
}

// The first line that is no comment and not empty.
std::string_view first_words(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    if (!line.empty() && line.front() != '#' && line.front() != '\r') return line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

std::string attempts(const std::set<int>& ports) {
  struct Attempt {
    int start_ms;
    std::string_view process, address;
  };
  std::string timeline;
  for (const Attempt& attempt :
       {Attempt{100, "laptop/browser", "203.0.113.80"}, Attempt{2100, "stranger/scanner", "203.0.113.5"},
        Attempt{4100, "stranger/scanner", "192.168.1.10"}}) {
    int at = attempt.start_ms;
    for (const int port : ports) {
      timeline += fmt::format("  - {{ at: {} ms, process: {}, connect: \"{}:{}\" }}\n", at, attempt.process,
                              attempt.address, port);
      at += 150;
    }
  }
  return timeline;
}

}  // namespace

bool is_ruleset(const std::string& path) {
  if (path.ends_with(".nft")) return true;
  if (path.ends_with(".yaml") || path.ends_with(".yml")) return false;
  const std::string text = beginning_of(path);
  if (text.find('\0') != std::string::npos) return false;
  const std::string_view words = first_words(text);
  for (const std::string_view start : {"table ", "flush ruleset", "add table ", "*filter", "*nat", "*mangle", "*raw"})
    if (words.starts_with(start)) return true;
  return false;
}

std::vector<int> ports_named(std::string_view rules, std::size_t most) {
  constexpr std::string_view word = "dport";
  std::set<int> ports;
  for (std::size_t at = rules.find(word); at != std::string_view::npos; at = rules.find(word, at + 1)) {
    const std::size_t line_end = std::min(rules.find_first_of("\n;}", at), rules.size());
    for (std::size_t i = at + word.size(); i < line_end;) {
      const char c = rules[i];
      // The numbers that follow, alone or in braces, up to the next word.
      if (c != ' ' && c != '{' && c != ',' && std::isdigit(static_cast<unsigned char>(c)) == 0) break;
      int port = 0;
      const auto read = std::from_chars(rules.data() + i, rules.data() + line_end, port);
      if (read.ec != std::errc()) {
        ++i;
        continue;
      }
      i = static_cast<std::size_t>(read.ptr - rules.data());
      if (port > 0 && port < 65536 && (i >= line_end || !is_letter(rules[i]))) ports.insert(port);
    }
  }
  std::vector<int> all(ports.begin(), ports.end());
  if (all.size() > most) all.resize(most);
  return all;
}

tl::expected<world::Scenario, std::vector<Error>> ruleset_trial(const std::string& path) {
  const auto file = read_ruleset_file(path);
  if (!file) return tl::make_unexpected(std::vector<Error>{file.error()});
  std::ifstream in(path, std::ios::binary);
  const std::string rules((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::vector<int> named = ports_named(rules, most_ports);
  std::set<int> ports(named.begin(), named.end());
  ports.insert(std::begin(known_ports), std::end(known_ports));
  std::string listen;
  for (const int port : ports) listen += fmt::format("{}\"tcp 0.0.0.0:{}\"", listen.empty() ? "" : ", ", port);
  const InterfaceNames names = interface_names(file->model);
  const fs::path whole(path);
  const std::string text = fmt::format(fmt::runtime(network), whole.filename().string(), names.inside, names.outside,
                                       listen, attempts(ports));
  world::ParseResult parsed = world::parse_scenario(text, (whole.parent_path() / "trial.yaml").string());
  if (!parsed.ok()) return tl::make_unexpected(std::move(parsed.errors));
  return std::move(parsed.scenario);
}

}  // namespace fourtuple::app
