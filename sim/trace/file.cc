#include "sim/trace/file.h"

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "sim/trace/digest.h"
#include "sim/trace/file_records.h"
#include "sim/trace/file_tables.h"

namespace fourtuple::trace {
namespace {

static_assert(std::endian::native == std::endian::little, "slots go to the file as they are in memory");

constexpr std::uint64_t header_bytes = 40;
constexpr std::uint64_t checksum_bytes = 8;
constexpr std::uint64_t most_table_bytes = 1u << 30;
// Every segment may lose a few slots at its end.
constexpr std::uint64_t most_slots = (Trace::segment_slots - max_record_slots) * Trace::max_segments;
constexpr std::size_t buffer_slots = 8192;

struct Header {
  Level level = Level::off;
  Time end{0};
  std::uint64_t table_bytes = 0;
  std::uint64_t slots = 0;
};

// Where a file's bytes go to and come from: a FILE or memory.
struct Sink {
  std::FILE* file = nullptr;
  std::string memory;

  bool write(const void* from, std::size_t size) {
    if (file != nullptr) return std::fwrite(from, 1, size, file) == size;
    memory.append(static_cast<const char*>(from), size);
    return true;
  }
};

struct Origin {
  std::FILE* file = nullptr;
  std::string_view memory;
  std::uint64_t size = 0;

  bool read(void* to, std::size_t count) {
    if (file != nullptr) return std::fread(to, 1, count, file) == count;
    if (memory.size() < count) return false;
    if (count != 0) std::memcpy(to, memory.data(), count);
    memory.remove_prefix(count);
    return true;
  }
};

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

std::uint64_t record_slots(const Trace& trace) {
  std::uint64_t slots = 0;
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) slots += 1u + trace.at(at)->extra;
  return slots;
}

// Header and tables.
std::string preamble(const Trace& trace) {
  detail::ByteWriter tables;
  detail::write_tables(tables, trace.tables());
  detail::ByteWriter out;
  out.bytes() = file_magic;
  out.number(file_version);
  out.number(static_cast<std::uint8_t>(trace.level()));
  for (int i = 0; i < 3; ++i) out.number(std::uint8_t{0});
  out.number(trace.end_time().ns);
  out.number(static_cast<std::uint64_t>(tables.bytes().size()));
  out.number(record_slots(trace));
  return std::move(out.bytes()) + tables.bytes();
}

bool write_all(const Trace& trace, Sink& sink) {
  const std::string begin = preamble(trace);
  Digest sum;
  sum.add(begin);
  if (!sink.write(begin.data(), begin.size())) return false;
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
    const Slot* slots = trace.at(at);
    for (std::uint32_t i = 0; i <= slots->extra; ++i) sum.add_slot(slots[i]);
    if (!sink.write(slots, sizeof(Slot) * (1u + slots->extra))) return false;
  }
  detail::ByteWriter end;
  end.number(sum.value());
  return sink.write(end.bytes().data(), end.bytes().size());
}

tl::unexpected<Error> refuse(const std::string& name, std::string message, std::string expected = {}) {
  return fail(SourcePosition{name, 0, 0}, std::move(message), std::move(expected));
}

Outcome<Header> read_header(std::string_view bytes, std::uint64_t size, const std::string& name) {
  if (!looks_like_trace(bytes)) return refuse(name, "this is not a trace file", "a file written by `run --trace`");
  if (bytes.size() < header_bytes) return refuse(name, "the file ends within its header");
  detail::ByteReader from(bytes.substr(file_magic.size()));
  const auto version = from.number<std::uint32_t>();
  if (version < oldest_file_version || version > file_version)
    return refuse(name, "the file has trace format " + std::to_string(version),
                  "format " + std::to_string(file_version));
  Header header;
  const auto level = from.number<std::uint8_t>();
  if (level > static_cast<std::uint8_t>(Level::expressions)) return refuse(name, "the header is damaged");
  header.level = static_cast<Level>(level);
  for (int i = 0; i < 3; ++i) from.number<std::uint8_t>();
  header.end.ns = from.number<std::int64_t>();
  header.table_bytes = from.number<std::uint64_t>();
  header.slots = from.number<std::uint64_t>();
  const bool sane = header.end >= Time{0} && header.end <= detail::last_file_time &&
                    header.table_bytes <= most_table_bytes && header.slots <= most_slots;
  if (!sane) return refuse(name, "the header is damaged");
  const std::uint64_t needed = header_bytes + header.table_bytes + header.slots * sizeof(Slot) + checksum_bytes;
  if (size < needed)
    return refuse(name, "the file ends early: " + std::to_string(size) + " of " + std::to_string(needed) + " bytes");
  if (size > needed) return refuse(name, "there are bytes behind the end of the trace");
  return header;
}

Error record_error(const std::string& name, std::uint64_t number, std::string_view fault) {
  return Error{{name, 0, 0}, "record " + std::to_string(number) + " is damaged: " + std::string(fault), {}, {}};
}

// Reads slots in large pieces and hands out whole records.
class RecordReader {
 public:
  RecordReader(Origin& origin, std::uint64_t slots, Digest& sum) : origin_(&origin), left_(slots), sum_(&sum) {}

  bool finished() const { return left_ == 0 && at_ == end_; }
  // The slots of the next record, or null when the file ends within it or its length is not that of its kind.
  const Slot* next() {
    if (end_ - at_ < max_record_slots && left_ != 0 && !fill()) return nullptr;
    if (at_ == end_ || !detail::length_fits(buffer_[at_].kind, buffer_[at_].extra)) return nullptr;
    const std::size_t count = 1u + buffer_[at_].extra;
    if (end_ - at_ < count) return nullptr;
    for (std::size_t i = 0; i < count; ++i) sum_->add_slot(buffer_[at_ + i]);
    at_ += count;
    return &buffer_[at_ - count];
  }

 private:
  bool fill() {
    const std::size_t kept = end_ - at_;
    for (std::size_t i = 0; i < kept; ++i) buffer_[i] = buffer_[at_ + i];
    const std::size_t more = std::min<std::uint64_t>(left_, buffer_slots - kept);
    at_ = 0;
    end_ = kept + more;
    left_ -= more;
    return origin_->read(static_cast<void*>(&buffer_[kept]), more * sizeof(Slot));
  }

  Origin* origin_;
  std::uint64_t left_;
  Digest* sum_;
  std::vector<Slot> buffer_ = std::vector<Slot>(buffer_slots);
  std::size_t at_ = 0, end_ = 0;
};

Outcome<void> read_records(Origin& origin, const Header& header, Digest& sum, const std::string& name, Trace& trace) {
  RecordReader reader(origin, header.slots, sum);
  Time previous{0};
  for (std::uint64_t number = 0; !reader.finished(); ++number) {
    const Slot* slots = reader.next();
    if (slots == nullptr) return tl::unexpected(record_error(name, number, "its kind or length is unknown"));
    const std::string_view fault = detail::record_fault(slots, previous, header.level, trace.tables());
    if (!fault.empty()) return tl::unexpected(record_error(name, number, fault));
    previous = slots->at;
    trace.append_slots(slots, 1u + slots->extra);
  }
  return {};
}

Outcome<Trace> read_all(Origin origin, const std::string& name) {
  std::string begin(std::min(header_bytes, origin.size), '\0');
  if (!origin.read(begin.data(), begin.size())) return refuse(name, "the file cannot be read");
  const Outcome<Header> header = read_header(begin, origin.size, name);
  if (!header) return tl::unexpected(header.error());
  begin.resize(header_bytes + header->table_bytes);
  if (!origin.read(begin.data() + header_bytes, header->table_bytes)) return refuse(name, "the file cannot be read");
  Trace trace(header->level);
  detail::ByteReader tables(std::string_view(begin).substr(header_bytes));
  std::string fault;
  if (!detail::read_tables(tables, trace.mutable_tables(), fault))
    return refuse(name, "the trace is damaged: " + fault);
  Digest sum;
  sum.add(begin);
  if (const Outcome<void> read = read_records(origin, *header, sum, name, trace); !read)
    return tl::unexpected(read.error());
  std::string end(checksum_bytes, '\0');
  if (!origin.read(end.data(), end.size())) return refuse(name, "the file cannot be read");
  detail::ByteReader from(end);
  if (from.number<std::uint64_t>() != sum.value())
    return refuse(name, "the checksum does not fit: the file was changed after it was written");
  trace.set_end_time(header->end);
  trace.publish();
  return trace;
}

}  // namespace

bool looks_like_trace(std::string_view bytes) {
  return bytes.substr(0, file_magic.size()) == file_magic;
}

std::uint64_t file_checksum(std::string_view body) {
  Digest sum;
  std::uint64_t begin = body.size();
  if (body.size() >= header_bytes) {
    detail::ByteReader from(body.substr(header_bytes - 16));
    const auto table_bytes = from.number<std::uint64_t>();
    if (table_bytes <= body.size() - header_bytes) begin = header_bytes + table_bytes;
  }
  sum.add(body.substr(0, begin));
  Slot slot;
  for (; body.size() - begin >= sizeof(Slot); begin += sizeof(Slot)) {
    std::memcpy(static_cast<void*>(&slot), body.data() + begin, sizeof(Slot));
    sum.add_slot(slot);
  }
  return sum.value();
}

std::string save_to_string(const Trace& trace) {
  Sink sink;
  write_all(trace, sink);
  return std::move(sink.memory);
}

Outcome<void> save(const Trace& trace, const std::string& path) {
  // Written beside the target and renamed, so that a full disk does not leave half a trace under its name.
  const std::string part = path + ".part";
  const auto say = [&](const char* what) { return refuse(path, std::string(what) + ": " + std::strerror(errno)); };
  File file(std::fopen(part.c_str(), "wb"));
  if (!file) return say("cannot be written");
  Sink sink{file.get(), {}};
  const bool written = write_all(trace, sink) && std::fflush(file.get()) == 0;
  const bool renamed = written && std::rename(part.c_str(), path.c_str()) == 0;
  if (renamed) return {};
  auto error = say("cannot be written");
  std::remove(part.c_str());
  return error;
}

Outcome<Trace> load(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) return refuse(path, std::string("cannot be opened: ") + std::strerror(errno));
  if (std::fseek(file.get(), 0, SEEK_END) != 0) return refuse(path, "cannot be read");
  const long size = std::ftell(file.get());
  std::rewind(file.get());
  if (size < 0) return refuse(path, "cannot be read");
  return read_all({file.get(), {}, static_cast<std::uint64_t>(size)}, path);
}

Outcome<Trace> load_from_memory(std::string_view bytes, const std::string& name) {
  return read_all({nullptr, bytes, bytes.size()}, name);
}

}  // namespace fourtuple::trace
