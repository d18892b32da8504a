#include "providers/http/byte_pipe.h"

#include <sys/resource.h>
#include <thread>

#include "gtest/gtest.h"

namespace imglife {
namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

// The most memory that this process has had so far, in bytes.
std::size_t PeakMemory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

// What comes at position `i` of a stream that tells its positions.
char ByteAt(std::size_t i) {
  return static_cast<char>(i * 7 % 251);
}

std::string Piece(std::size_t from, std::size_t size) {
  std::string piece(size, '\0');
  for (std::size_t i = 0; i < size; ++i) piece[i] = ByteAt(from + i);
  return piece;
}

TEST(BytePipe, KeepsTheOrderOfBytesThroughManyPartialReads) {
  BytePipe pipe(1000);
  std::thread writer([&pipe] {
    std::size_t written = 0;
    for (std::size_t size = 1; size < 700; ++size) {
      EXPECT_TRUE(pipe.Write(Piece(written, size)).open);
      written += size;
    }
    pipe.CloseWriting(absl::OkStatus());
  });
  std::string buffer(97, '\0');
  std::size_t got = 0;
  for (;;) {
    const auto read = pipe.Read(buffer.data(), buffer.size());
    ASSERT_TRUE(read.ok()) << read.status();
    if (read->end) break;
    ASSERT_EQ(buffer.substr(0, read->count), Piece(got, read->count));
    got += read->count;
  }
  writer.join();
  EXPECT_EQ(got, std::size_t{700} * 699 / 2);
}

TEST(BytePipe, RefusesWhatDoesNotFitAndSaysWhenThereIsRoom) {
  BytePipe pipe(10);
  char buffer[10];
  EXPECT_TRUE(pipe.TryWrite("12345678901234"));  // any piece fits into an empty pipe
  EXPECT_FALSE(pipe.TryWrite("x"));
  EXPECT_FALSE(pipe.Read(buffer, 8)->made_room) << "more than half is full";
  EXPECT_TRUE(pipe.Read(buffer, 1)->made_room);
  EXPECT_FALSE(pipe.TryRead(buffer, 1)->made_room);
  EXPECT_TRUE(pipe.TryWrite("abcdef"));
  EXPECT_FALSE(pipe.TryWrite("g"));
}

TEST(BytePipe, SaysWhenAReaderFoundNothing) {
  BytePipe pipe(10);
  char buffer[10];
  EXPECT_FALSE(pipe.Write("ab").wanted);
  EXPECT_EQ(pipe.TryRead(buffer, 10)->count, 2u);
  EXPECT_FALSE(pipe.Write("c").wanted);
  EXPECT_EQ(pipe.TryRead(buffer, 10)->count, 1u);
  EXPECT_EQ(pipe.TryRead(buffer, 10)->count, 0u);
  EXPECT_TRUE(pipe.Write("d").wanted);
  EXPECT_FALSE(pipe.Write("e").wanted);
}

TEST(BytePipe, MemoryIsBoundedWhileItNeverRunsEmpty) {
  BytePipe pipe(kMebibyte);
  const std::string piece(16 << 10, 'x');
  std::string buffer(10000, '\0');
  std::size_t written = 0;
  const std::size_t before = PeakMemory();
  while (written < 128 * kMebibyte) {
    while (pipe.TryWrite(piece)) written += piece.size();
    ASSERT_EQ(pipe.Read(buffer.data(), buffer.size())->count, buffer.size());
    ASSERT_EQ(pipe.Read(buffer.data(), buffer.size())->count, buffer.size());
  }
  EXPECT_LT(PeakMemory() - before, 16 * kMebibyte);
}

TEST(BytePipe, GivesTheWritersErrorAfterItsBytes) {
  BytePipe pipe(10);
  char buffer[10];
  EXPECT_EQ(pipe.TryRead(buffer, 10)->count, 0u);
  EXPECT_FALSE(pipe.TryRead(buffer, 10)->end);
  EXPECT_TRUE(pipe.Write("abc").open);
  pipe.CloseWriting(absl::UnavailableError("broke off"));
  EXPECT_EQ(pipe.Read(buffer, 10)->count, 3u);
  EXPECT_TRUE(absl::IsUnavailable(pipe.Read(buffer, 10).status()));
}

TEST(BytePipe, AWriterEndsWhenNobodyReads) {
  BytePipe pipe(2);
  EXPECT_TRUE(pipe.Write("ab").open);
  std::thread closer([&pipe] { pipe.CloseReading(); });
  EXPECT_FALSE(pipe.Write("cd").open);
  closer.join();
}

}  // namespace
}  // namespace imglife
