// Connections opened one after another between two hosts of ns-3 and left established and idle: what `fourtuple bench
// connections` does, on the same chain of three links. Prints key=value fields.
#include <cstdio>
#include <ctime>
#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>
#include <ns3/traffic-control-module.h>
#include <string>
#include <vector>

namespace {

constexpr std::uint16_t first_server_port = 8000;
constexpr std::uint32_t connections_per_port = 10'000;
constexpr double seconds_apart = 10e-6;

std::vector<ns3::Ptr<ns3::Socket>> sockets;  // held, as a program would
std::uint32_t accepted = 0;

// On a processor, as `fourtuple bench` counts.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Bytes of this process in memory.
double resident_bytes() {
  double pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*s %lf", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * 4096;
}

void keep_accepted(ns3::Ptr<ns3::Socket> socket, const ns3::Address&) {
  sockets.push_back(socket);
  ++accepted;
}

void open_connection(ns3::Ptr<ns3::Node> client, ns3::Ipv4Address server, std::uint32_t number) {
  const auto socket = ns3::Socket::CreateSocket(client, ns3::TcpSocketFactory::GetTypeId());
  const auto port = static_cast<std::uint16_t>(first_server_port + number / connections_per_port);
  // Given a port, ns-3 need not search for a free one.
  const auto own = static_cast<std::uint16_t>(20'000 + number % connections_per_port);
  socket->Bind(ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), own));
  socket->Connect(ns3::InetSocketAddress(server, port));
  sockets.push_back(socket);
}

void listen_on(ns3::Ptr<ns3::Node> server, std::uint16_t port) {
  const auto listener = ns3::Socket::CreateSocket(server, ns3::TcpSocketFactory::GetTypeId());
  listener->Bind(ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), port));
  listener->Listen();
  listener->SetAcceptCallback(ns3::MakeNullCallback<bool, ns3::Ptr<ns3::Socket>, const ns3::Address&>(),
                              ns3::MakeCallback(&keep_accepted));
  sockets.push_back(listener);
}

// host - router - router - host; returns the last host's address.
ns3::Ipv4Address make_chain(ns3::NodeContainer& nodes) {
  nodes.Create(4);
  ns3::InternetStackHelper stack;
  stack.SetIpv6StackInstall(false);
  stack.Install(nodes);
  ns3::PointToPointHelper link;
  link.SetDeviceAttribute("DataRate", ns3::StringValue("10Gbps"));
  link.SetChannelAttribute("Delay", ns3::StringValue("1ms"));
  ns3::Ipv4AddressHelper addresses;
  ns3::TrafficControlHelper queues;
  ns3::Ipv4Address last;
  for (std::uint32_t i = 0; i + 1 < nodes.GetN(); ++i) {
    const auto devices = link.Install(nodes.Get(i), nodes.Get(i + 1));
    addresses.SetBase(("10.0." + std::to_string(i) + ".0").c_str(), "255.255.255.0");
    last = addresses.Assign(devices).GetAddress(1);
    queues.Uninstall(devices);
  }
  ns3::Ipv4GlobalRoutingHelper::PopulateRoutingTables();
  return last;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint32_t flows = 1000;
  ns3::CommandLine options;
  options.AddValue("flows", "connections to open", flows);
  options.Parse(argc, argv);
  ns3::NodeContainer nodes;
  const ns3::Ipv4Address server = make_chain(nodes);
  for (std::uint32_t port = 0; port <= flows / connections_per_port; ++port)
    listen_on(nodes.Get(3), static_cast<std::uint16_t>(first_server_port + port));
  for (std::uint32_t i = 0; i < flows; ++i)
    ns3::Simulator::ScheduleWithContext(nodes.Get(0)->GetId(), ns3::Seconds(0.001 + seconds_apart * i),
                                        &open_connection, nodes.Get(0), server, i);
  ns3::Simulator::Stop(ns3::Seconds(0.001 + seconds_apart * flows + 1));
  const double start = processor_seconds(), before = resident_bytes();
  ns3::Simulator::Run();
  const double run_s = processor_seconds() - start;
  std::printf("established=%u run_s=%.3f ns_per_connection=%.0f bytes_per_connection=%.0f\n", accepted, run_s,
              run_s * 1e9 / flows, (resident_bytes() - before) / flows);
  std::fflush(stdout);
  std::_Exit(accepted == flows ? 0 : 1);  // tearing ns-3 down takes longer than the run
}
