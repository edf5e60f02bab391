#include "capture/plain_file.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/stat.h>
#include <zlib.h>

namespace fourtuple::capture {
namespace {

constexpr std::size_t piece = 256 * 1024;

bool is_gzip(std::FILE* file) {
  std::uint8_t first[2] = {};
  const std::size_t got = std::fread(first, 1, sizeof(first), file);
  std::rewind(file);
  return got == sizeof(first) && first[0] == 0x1f && first[1] == 0x8b;
}

// One gzip file may hold several members (RFC 1952 section 2.2); zlib's inflate ends at each.
class Unpacker {
 public:
  explicit Unpacker(std::uint64_t trusted_bytes) : trusted_(trusted_bytes), in_(piece), out_(piece) {
    constexpr int gzip_only = 16;
    good_ = inflateInit2(&stream_, MAX_WBITS + gzip_only) == Z_OK;
  }
  ~Unpacker() { inflateEnd(&stream_); }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  // Why it ended early; empty when all was unpacked.
  std::string run(std::FILE* from, std::FILE* to);

 private:
  // Unpacks what was read; false when that is not possible.
  bool take(std::FILE* to);
  bool is_believable() const { return made_ <= trusted_ || made_ / most_unpacked_ratio <= read_; }

  std::uint64_t trusted_, read_ = 0, made_ = 0;
  std::vector<std::uint8_t> in_, out_;
  z_stream stream_{};
  bool good_ = false, written_ = true;
  int result_ = Z_OK;
};

bool Unpacker::take(std::FILE* to) {
  while (stream_.avail_in != 0) {
    if (result_ == Z_STREAM_END && inflateReset(&stream_) != Z_OK) return false;
    stream_.next_out = out_.data();
    stream_.avail_out = static_cast<uInt>(out_.size());
    result_ = inflate(&stream_, Z_NO_FLUSH);
    const std::size_t made = out_.size() - stream_.avail_out;
    made_ += made;
    if (!is_believable()) return false;
    written_ = std::fwrite(out_.data(), 1, made, to) == made;
    if (!written_ || (result_ != Z_OK && result_ != Z_STREAM_END)) return false;
  }
  return true;
}

std::string Unpacker::run(std::FILE* from, std::FILE* to) {
  if (!good_) return "the compressed file cannot be unpacked: no memory";
  for (;;) {
    const std::size_t got = std::fread(in_.data(), 1, in_.size(), from);
    if (got == 0) break;
    read_ += got;
    stream_.next_in = in_.data();
    stream_.avail_in = static_cast<uInt>(got);
    if (take(to)) continue;
    if (!written_) return "the compressed file cannot be unpacked: no room for temporary files";
    if (!is_believable())
      return fmt::format("the compressed file unpacks to more than {} times its size: the rest is left out",
                         most_unpacked_ratio);
    return fmt::format("the compressed data is damaged at byte {} of the file", read_ - stream_.avail_in);
  }
  return result_ == Z_STREAM_END ? "" : "the compressed file is cut short";
}

}  // namespace

Outcome<PlainFile> open_plain(const std::string& path, std::uint64_t trusted_bytes) {
  const auto failed = [&](std::string message, std::string expected = {}) {
    return fail(SourcePosition{path, 0, 0}, std::move(message), std::move(expected));
  };
  PlainFile plain;
  plain.file.reset(std::fopen(path.c_str(), "rb"));
  struct stat status {};
  if (!plain.file || fstat(fileno(plain.file.get()), &status) != 0) return failed(std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return failed("this is a folder", "a pcap or pcapng file");
  if (!is_gzip(plain.file.get())) return plain;
  OwnedFile unpacked(std::tmpfile());
  if (!unpacked) return failed(fmt::format("no temporary file to unpack it into: {}", std::strerror(errno)));
  plain.message = Unpacker(trusted_bytes).run(plain.file.get(), unpacked.get());
  std::rewind(unpacked.get());
  plain.file = std::move(unpacked);
  return plain;
}

}  // namespace fourtuple::capture
