#include "viz/viewer/panels.h"

#include "viz/panels/conntrack/conntrack_panel.h"
#include "viz/panels/host/host_panel.h"
#include "viz/panels/ladder/ladder_panel.h"
#include "viz/panels/packet/packet_panel.h"
#include "viz/panels/rules/rules_panel.h"
#include "viz/panels/sockets/sockets_panel.h"
#include "viz/panels/tcp/tcp_panel.h"
#include "viz/panels/why/why_panel.h"

namespace fourtuple::viz {

std::optional<PanelKind> panel_named(std::string_view word) {
  for (const PanelName& name : panel_names) {
    if (name.word == word) return name.kind;
  }
  // It has no tab: it opens beside the map.
  if (word == "why") return PanelKind::why;
  return std::nullopt;
}

struct Panels::Others {
  HostPanel host;
  LadderPanel ladder;
  RulesPanel rules;
  ConntrackPanel conntrack;
  SocketsPanel sockets;
  TcpPanel tcp;
  PacketPanel packet;
  WhyPanel why;
};

Panels::Panels() : others_(std::make_unique<Others>()) {}
Panels::~Panels() = default;

SocketsPanel& Panels::sockets() {
  return others_->sockets;
}

PacketPanel& Panels::packet() {
  return others_->packet;
}

LadderPanel& Panels::ladder() {
  return others_->ladder;
}

WhyPanel& Panels::why() {
  return others_->why;
}

void Panels::reset() {
  others_ = std::make_unique<Others>();
}

void Panels::draw(PanelKind kind, Ui& ui, const Rect& area, const PanelContext& context) {
  switch (kind) {
    case PanelKind::map:
      return map_.draw(ui, area, context);
    case PanelKind::host:
      return others_->host.draw(ui, area, context);
    case PanelKind::ladder:
      return others_->ladder.draw(ui, area, context);
    case PanelKind::rules:
      return others_->rules.draw(ui, area, context);
    case PanelKind::conntrack:
      return others_->conntrack.draw(ui, area, context);
    case PanelKind::sockets:
      return others_->sockets.draw(ui, area, context);
    case PanelKind::tcp:
      return others_->tcp.draw(ui, area, context);
    case PanelKind::packet:
      return others_->packet.draw(ui, area, context);
    case PanelKind::why:
      if (others_->why.draw(ui, area, context)) context.open(others_->why.opened_from);
      return;
  }
}

}  // namespace fourtuple::viz
