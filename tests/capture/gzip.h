// Compressed files for tests.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/capture/builders.h"

namespace fourtuple::capture::test {

inline Buffer gzip(const Buffer& bytes) {
  Buffer out(compressBound(bytes.size()) + 64);
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  Buffer in = bytes;
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace fourtuple::capture::test
