#include "providers/files.h"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <fcntl.h>
#include <unistd.h>

#include "tests/support/modes_count.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryDirectory::Create("imglife-files-");
    ASSERT_TRUE(made.ok()) << made.status();
    directory_.emplace(std::move(*made));
  }

  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }

  void Write(const std::string& name, std::string_view content) const {
    const absl::Status written = WriteFileAtomically(Path(name), content);
    ASSERT_TRUE(written.ok()) << written;
  }

  std::string Read(const std::string& name) const {
    const auto content = ReadFile(Path(name));
    EXPECT_TRUE(content.ok()) << content.status();
    return content.value_or("");
  }

  mode_t ModeOf(const std::string& name) const {
    struct stat found {};
    EXPECT_EQ(stat(Path(name).c_str(), &found), 0);
    return found.st_mode & 07777;
  }

  // Nothing temporary is left over.
  std::vector<std::string> Names() const {
    const auto names = ListTree(directory_->path());
    EXPECT_TRUE(names.ok()) << names.status();
    return names.value_or(std::vector<std::string>());
  }

  std::optional<TemporaryDirectory> directory_;
};

TEST_F(FilesTest, ReadsBytesAsTheyAre) {
  const std::string content("a\0b\r\n\xff", 6);
  Write("file", content);
  EXPECT_EQ(Read("file"), content);
  Write("file", "");
  EXPECT_EQ(Read("file"), "");
}

TEST_F(FilesTest, ReadsUpToTheLimitAndNoMore) {
  Write("file", std::string(200000, 'x'));
  EXPECT_TRUE(ReadFile(Path("file"), 200000).ok());
  const auto refused = ReadFile(Path("file"), 199999);
  EXPECT_TRUE(absl::IsResourceExhausted(refused.status())) << refused.status();
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(Path("file")));
}

TEST_F(FilesTest, ReadingSaysWhyItCannot) {
  const auto missing = ReadFile(Path("missing"));
  EXPECT_TRUE(absl::IsNotFound(missing.status())) << missing.status();
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr(Path("missing")));
  EXPECT_FALSE(ReadFile(directory_->path()).ok());
  if (geteuid() == 0) return;  // whom no mode keeps out
  Write("locked", "x");
  fs::permissions(Path("locked"), fs::perms::none);
  EXPECT_TRUE(absl::IsPermissionDenied(ReadFile(Path("locked")).status()));
}

TEST_F(FilesTest, WritesANewFileAsTheUmaskSays) {
  const mode_t before = umask(027);
  Write("a/b/file", "one");
  umask(before);
  EXPECT_EQ(Read("a/b/file"), "one");
  EXPECT_EQ(ModeOf("a/b/file"), 0640u);
  EXPECT_THAT(Names(), ElementsAre("a/b/file"));
}

TEST_F(FilesTest, ReplacesAFileAndKeepsItsMode) {
  Write("file", "a longer text than the new one");
  for (const mode_t mode : {0755u, 0600u, 0444u}) {
    ASSERT_EQ(chmod(Path("file").c_str(), mode), 0);
    Write("file", "new");
    EXPECT_EQ(Read("file"), "new");
    EXPECT_EQ(ModeOf("file"), mode);
  }
  EXPECT_THAT(Names(), ElementsAre("file"));
}

TEST_F(FilesTest, WhoHasTheOldFileOpenKeepsReadingIt) {
  Write("file", "old");
  struct stat old {};
  ASSERT_EQ(stat(Path("file").c_str(), &old), 0);
  fs::create_hard_link(Path("file"), Path("other"));
  Write("file", "new");
  EXPECT_EQ(Read("other"), "old");
}

TEST_F(FilesTest, WritesThroughSymbolicLinks) {
  fs::create_directory(Path("real"));
  Write("real/file", "old");
  fs::create_symlink("real/file", Path("link"));
  fs::create_symlink("link", Path("link_to_link"));
  fs::create_symlink("real/new", Path("dangling"));
  Write("link_to_link", "new");
  Write("dangling", "made");
  EXPECT_TRUE(fs::is_symlink(Path("link")));
  EXPECT_TRUE(fs::is_symlink(Path("link_to_link")));
  EXPECT_TRUE(fs::is_symlink(Path("dangling")));
  EXPECT_EQ(Read("real/file"), "new");
  EXPECT_EQ(Read("real/new"), "made");
}

TEST_F(FilesTest, ALinkThatLeadsToItselfIsAnError) {
  fs::create_symlink("loop", Path("loop"));
  const absl::Status status = WriteFileAtomically(Path("loop"), "x");
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(Path("loop")));
}

TEST_F(FilesTest, FailsWithoutLeavingAnything) {
  fs::create_directory(Path("directory"));
  EXPECT_FALSE(WriteFileAtomically(Path("directory"), "x").ok());
  Write("file", "x");
  EXPECT_FALSE(WriteFileAtomically(Path("file/below"), "x").ok());
  EXPECT_THAT(Names(), ElementsAre("file"));
}

// While it is there files can't grow beyond `bytes`, as on a full disk: what is written across that
// is written in part.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    rlimit small = before_;
    small.rlim_cur = bytes;
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*const handler_)(int);
  rlimit before_{};
};

TEST_F(FilesTest, AFullDiskLeavesTheOldFile) {
  Write("file", "old");
  absl::Status status;
  {
    const FullDisk full(1000);
    status = WriteFileAtomically(Path("file"), std::string(2000, 'x'));
  }
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(Read("file"), "old");
  EXPECT_THAT(Names(), ElementsAre("file"));
}

TEST_F(FilesTest, WritesIntoAPipeInsteadOfReplacingIt) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = ReadFile(Path("pipe")).value_or("error"); });
  const absl::Status status = WriteFileAtomically(Path("pipe"), "through");
  reader.join();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(got, "through");
  EXPECT_TRUE(fs::is_fifo(Path("pipe")));
}

TEST_F(FilesTest, ManyWritersOfOneFileLeaveOneOfTheirTextsWhole) {
  std::vector<std::thread> writers;
  for (char c = 'a'; c < 'i'; ++c) {
    writers.emplace_back([this, c] {
      for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(WriteFileAtomically(Path("file"), std::string(5000, c)).ok());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const std::string content = Read("file");
  EXPECT_EQ(content, std::string(5000, content.front()));
  EXPECT_THAT(Names(), ElementsAre("file"));
}

TEST_F(FilesTest, AppendsLineAfterLine) {
  EXPECT_TRUE(AppendDurably(Path("journals/journal"), "one\n").ok());
  EXPECT_TRUE(AppendDurably(Path("journals/journal"), "two\n").ok());
  EXPECT_EQ(Read("journals/journal"), "one\ntwo\n");
  const absl::Status status = AppendDurably(directory_->path(), "x\n");
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(directory_->path()));
}

TEST_F(FilesTest, ALineAfterOneThatWasCutShortIsALineOfItsOwn) {
  {
    const FullDisk full(8);
    EXPECT_TRUE(AppendDurably(Path("journal"), "one\n").ok());
    EXPECT_FALSE(AppendDurably(Path("journal"), "second\n").ok());
  }
  EXPECT_EQ(Read("journal"), "one\nseco");
  EXPECT_TRUE(AppendDurably(Path("journal"), "three\n").ok());
  EXPECT_TRUE(AppendDurably(Path("journal"), "four\n").ok());
  EXPECT_EQ(Read("journal"), "one\nseco\nthree\nfour\n");
}

// Does anybody wait for a lock of the file?
bool IsWaitedFor(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return false;
  std::ifstream locks("/proc/locks");
  const std::string inode = ":" + std::to_string(found.st_ino) + " ";
  for (std::string line; std::getline(locks, line);) {
    if (line.find("-> FLOCK") != std::string::npos && line.find(inode) != std::string::npos) {
      return true;
    }
  }
  return false;
}

TEST_F(FilesTest, ALineThatIsBeingWrittenIsNotTakenForOneThatWasCutShort) {
  const std::string path = Path("journal");
  std::ofstream other(path, std::ios::app);
  other << "hal" << std::flush;
  const int locked = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(flock(locked, LOCK_EX), 0);
  std::atomic<bool> appended{false};
  std::thread writer([&] {
    EXPECT_TRUE(AppendDurably(path, "next\n").ok());
    appended = true;
  });
  while (!appended && !IsWaitedFor(path)) std::this_thread::yield();
  other << "f\n" << std::flush;
  close(locked);
  writer.join();
  EXPECT_EQ(Read("journal"), "half\nnext\n");
}

TEST_F(FilesTest, LinesOfManyThreadsStayWhole) {
  std::vector<std::thread> writers;
  for (char c = 'a'; c < 'e'; ++c) {
    writers.emplace_back([this, c] {
      for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(AppendDurably(Path("journal"), std::string(3000, c) + "\n").ok());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const std::string content = Read("journal");
  ASSERT_EQ(content.size(), 40u * 3001u);
  for (std::size_t at = 0; at < content.size(); at += 3001) {
    EXPECT_EQ(content.substr(at, 3001), std::string(3000, content[at]) + "\n");
  }
}

TEST_F(FilesTest, ListsFilesAndLinksSortedByTheirBytes) {
  for (const char* const name : {"b/z", "b.c", "b/a/deep", "a", ".hidden", "B", "\xc3\xa4"}) {
    Write(name, "x");
  }
  fs::create_directory(Path("empty"));
  fs::create_symlink("..", Path("b/up"));
  fs::create_symlink("nowhere", Path("dangling"));
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(Names(), ElementsAre(".hidden", "B", "a", "b.c", "b/a/deep", "b/up", "b/z",
                                   "dangling", "\xc3\xa4"));
  const auto with_slash = ListTree(Path("b/"));
  ASSERT_TRUE(with_slash.ok()) << with_slash.status();
  EXPECT_THAT(*with_slash, ElementsAre("a/deep", "up", "z"));
}

TEST_F(FilesTest, ListingSaysWhyItCannot) {
  EXPECT_TRUE(absl::IsNotFound(ListTree(Path("missing")).status()));
  Write("file", "x");
  EXPECT_FALSE(ListTree(Path("file")).ok());
  fs::create_directory(Path("empty"));
  const auto empty = ListTree(Path("empty"));
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_THAT(*empty, IsEmpty());
}

TEST_F(FilesTest, ListingNamesTheDirectoryThatCannotBeRead) {
  fs::create_directories(Path("a/closed"));
  fs::permissions(Path("a/closed"), fs::perms::none);
  const ModesCount modes;
  const absl::Status status = ListTree(directory_->path()).status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("can't read " + Path("a/closed")));
}

TEST_F(FilesTest, ListingEntersNoDirectoryThatIsLeftOut) {
  for (const char* const name : {"a/x/1", "b/x/2", "b/y"}) Write(name, "");
  fs::create_directories(Path("b/closed"));
  fs::permissions(Path("b/closed"), fs::perms::none);
  std::vector<std::string> asked;
  const auto leaves_out = [&](const std::string& below) {
    asked.push_back(below);
    return below == "a" || below == "b/closed";
  };
  const ModesCount modes;
  const auto names = ListTree(directory_->path(), leaves_out);
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_THAT(*names, ElementsAre("b/x/2", "b/y"));
  EXPECT_THAT(asked, UnorderedElementsAre("a", "b", "b/x", "b/closed"));
}

}  // namespace
}  // namespace imglife
