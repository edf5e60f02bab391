// A small scenario for tests of the commands, with something of everything: TCP and UDP, a refusal, failed calls, a
// process that is killed.
#pragma once

#include <string>

namespace fourtuple::app {

inline const std::string sample_scenario = R"(fourtuple: 1
title: A sample
seed: 3
until: 2 s
networks:
  wire: { delay: 5 ms, rate: 10 Mbit/s }
hosts:
  client:
    interfaces: { eth0: { network: wire, address: [192.0.2.1/24, "2001:db8::1/64"] } }
    routes: { default: 192.0.2.2 }
    processes: { browser: { user: anna, pid: 50 }, other: { user: anna, pid: 51 } }
  server:
    interfaces: { eth0: { network: wire, address: [192.0.2.2/24, "2001:db8::2/64"] } }
    processes:
      httpd: { user: root, pid: 80, listen: { on: "tcp 0.0.0.0:80", as: web }, program: http, pages: { /: "hello" } }
      echod: { user: root, pid: 70, listen: { on: "udp 0.0.0.0:7" }, program: echo }
      local: { user: root, pid: 90, listen: { on: "tcp 127.0.0.1:9000" } }
      late: { user: root, pid: 91, start: later }
timeline:
  - { at: 100 ms, process: client/browser, connect: "server:80", from: 50432, as: a }
  - { at: 200 ms, on: a, send: "GET / HTTP/1.1\r\n\r\n" }
  - { at: 300 ms, process: client/other, sendto: { to: "server:7", text: "ping" }, from: 40000, as: u }
  - { at: 400 ms, process: client/other, connect: "server:81", from: 50433, as: refused }
  - { at: 500 ms, process: client/other, sendto: { to: "server:9", text: "lost" }, as: v }
  - { at: 600 ms, process: client/other, bind: "tcp 0.0.0.0:22", as: low }
  - { at: 650 ms, process: server/local, bind: "tcp 0.0.0.0:80", as: twice }
  - { at: 700 ms, kill: server/echod }
  - { at: 1 s, close: a }
)";

// The sample with this `expect:` list, one expectation in each line.
inline std::string sample_expecting(const std::string& lines) {
  return sample_scenario + "expect:\n" + lines;
}

}  // namespace fourtuple::app
