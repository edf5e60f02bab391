#include "sim/stack/local_queue.h"

#include <algorithm>
#include <utility>

#include "sim/stack/local.h"

namespace fourtuple::stack {
namespace {

using state::Errno;
using state::LocalKind;
using state::LocalState;
using trace::Call;

void append_piece(Context& c, LocalId id, const Payload& piece) {
  const std::uint32_t index = c.system.local_pieces.allocate();
  c.system.local_pieces.mut(index) = {piece.content, piece.offset, piece.length, nil};
  LocalCore& core = c.system.local_cores.mut(id.value);
  if (core.last_piece == nil)
    core.first_piece = index;
  else
    c.system.local_pieces.mut(core.last_piece).next = index;
  core.last_piece = index;
  set_local_queue(c, id, seen(c, id).receive_queue + piece.length);
}

// The next bytes, all of one piece. REQUIRES: there are some.
Payload take_piece(Context& c, LocalId id, std::uint32_t limit) {
  LocalCore& core = c.system.local_cores.mut(id.value);
  const std::uint32_t index = core.first_piece;
  LocalPiece& piece = c.system.local_pieces.mut(index);
  const Payload part{piece.content, piece.offset, std::min(limit, piece.length)};
  piece.offset += part.length;
  piece.length -= part.length;
  if (piece.length == 0) {
    core.first_piece = piece.next;
    if (core.first_piece == nil) core.last_piece = nil;
    c.system.local_pieces.release(index);
  }
  set_local_queue(c, id, seen(c, id).receive_queue - part.length);
  return part;
}

Errno cannot_send(const Asking& ask, const state::Local& local) {
  const LocalCore& core = ask.c.system.local_cores[ask.local.value];
  if (local.kind == LocalKind::pipe) {
    if (ask.call != Call::write) return Errno::enotsock;
    const state::Descriptor* end = state::find_descriptor(ask.c.system.visible, ask.process, ask.fd);
    if (end->kind != state::DescriptorKind::pipe_write) return Errno::ebadf;
    return local.holders == 0 ? Errno::epipe : Errno::ok;
  }
  if (local.kind != LocalKind::unix_stream) return Errno::einval;
  if (local.state != LocalState::connected) return Errno::enotconn;
  if ((core.flags & LocalFlag::write_shut) != 0 || !local.peer.valid()) return Errno::epipe;
  return Errno::ok;
}

Errno cannot_receive(const Asking& ask, const state::Local& local) {
  if (local.kind == LocalKind::pipe) {
    if (ask.call != Call::read) return Errno::enotsock;
    const state::Descriptor* end = state::find_descriptor(ask.c.system.visible, ask.process, ask.fd);
    return end->kind == state::DescriptorKind::pipe_read ? Errno::ok : Errno::ebadf;
  }
  return local.kind == LocalKind::unix_stream && local.state == LocalState::connected ? Errno::ok : Errno::einval;
}

bool has_ended(const Context& c, LocalId id) {
  const state::Local& local = seen(c, id);
  if (local.kind == LocalKind::pipe) return local.writers == 0;
  return (c.system.local_cores[id.value].flags & LocalFlag::read_shut) != 0;
}

}  // namespace

void set_local_queue(Context& c, LocalId id, std::uint32_t held) {
  change(c, seen(c, id).host, trace::LocalQueues{id, held});
}

void discard_pieces(Context& c, LocalId id) {
  LocalCore& core = c.system.local_cores.mut(id.value);
  for (std::uint32_t i = core.first_piece; i != nil;) {
    const std::uint32_t next = c.system.local_pieces[i].next;
    c.system.local_pieces.release(i);
    i = next;
  }
  core.first_piece = core.last_piece = nil;
}

Result local_send(Asking& ask, const Payload& payload) {
  Context& c = ask.c;
  const state::Local& local = seen(c, ask.local);
  const Errno error = cannot_send(ask, local);
  if (error != Errno::ok) return ask.answer(error);
  const bool pipe = local.kind == LocalKind::pipe;
  const LocalId to = pipe ? ask.local : local.peer;
  const std::uint32_t capacity = pipe ? pipe_capacity : unix_capacity, held = seen(c, to).receive_queue;
  const std::uint32_t taken = std::min(payload.length, capacity - std::min(capacity, held));
  if (taken == 0 && payload.length != 0) return {Errno::eagain, 0, {}, ask.local};
  if (taken != 0) append_piece(c, to, {payload.content, payload.offset, taken});
  return ask.answer(Errno::ok, static_cast<std::int32_t>(taken));
}

Result local_receive(Asking& ask, std::uint32_t limit, Payload& part) {
  Context& c = ask.c;
  part.length = 0;
  const Errno error = cannot_receive(ask, seen(c, ask.local));
  if (error != Errno::ok) return ask.answer(error);
  LocalCore& core = c.system.local_cores.mut(ask.local.value);
  if (core.first_piece == nil) {
    if (core.error != Errno::ok) return ask.answer(std::exchange(core.error, Errno::ok));
    return has_ended(c, ask.local) ? ask.answer(Errno::ok) : Result{Errno::eagain, 0, {}, ask.local};
  }
  part = take_piece(c, ask.local, limit);
  if (c.trace.wants(trace::Kind::local_read))
    note(c, ask.host(),
         trace::LocalRead{ask.local, ask.process, part.content, static_cast<std::uint32_t>(part.offset), part.length});
  return ask.answer(Errno::ok, static_cast<std::int32_t>(part.length));
}

Result sys_write(Context& c, ProcessId process, std::int32_t fd, const Payload& payload) {
  Asking ask{c, process, Call::write, fd};
  return ask.find_local() ? local_send(ask, payload) : sys_send(c, process, fd, payload);
}

Result sys_read(Context& c, ProcessId process, std::int32_t fd, std::uint32_t limit, Payload& part) {
  Asking ask{c, process, Call::read, fd};
  if (ask.find_local()) return local_receive(ask, limit, part);
  Peer peer;
  return sys_receive(c, process, fd, limit, part, peer);
}

Result local_shutdown(Asking& ask, Shut how) {
  Context& c = ask.c;
  const state::Local& local = seen(c, ask.local);
  if (local.kind != LocalKind::unix_stream) return ask.answer(Errno::enotsock);
  const auto mark = [&](LocalId id, bool read, bool write) {
    if (!id.valid()) return;
    std::uint8_t& flags = c.system.local_cores.mut(id.value).flags;
    if (read) flags |= LocalFlag::read_shut;
    if (write) flags |= LocalFlag::write_shut;
  };
  const bool read = how != Shut::write, write = how != Shut::read;
  mark(ask.local, read, write);
  mark(local.peer, write, read);  // each direction ends on both sides
  return ask.answer(Errno::ok);
}

}  // namespace fourtuple::stack
