// Several processes on one image layout, and processes that die.
#include <csignal>
#include <filesystem>
#include <string>
#include <sys/wait.h>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <unistd.h>

#include "tests/providers/registry/ocidir_fixture.h"
#include "tests/support/byte_readers.h"
#include "tests/support/child_process.h"

namespace imglife {
namespace {

using testing::IsEmpty;

// Kills its own process in the middle of a blob.
class DyingReader : public ByteReader {
 public:
  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t) override {
    if (started_) kill(getpid(), SIGKILL);
    started_ = true;
    buffer[0] = 'x';
    return std::size_t{1};
  }

 private:
  bool started_ = false;
};

class OciDirProcesses : public OciDirTest {
 protected:
  static TestImage Numbered(int writer, int number) {
    ImageSpec spec;
    spec.name = fmt::format("image-{}-{}", writer, number);
    spec.shared_layers = {"base"};
    return MakeImage(spec);
  }

  std::size_t CountTemporaryFiles() const {
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(PathOf(".imglife"))) {
      count += file.path().filename().string().rfind("tmp-", 0) == 0 ? 1 : 0;
    }
    return count;
  }
};

TEST_F(OciDirProcesses, TwoWritersLoseNothing) {
  constexpr int kImages = 15;
  const auto push_all = [&](int writer) {
    const auto registry = Open();
    for (int i = 0; i < kImages; ++i) {
      const std::string tag = fmt::format("{}-{}", writer, i);
      if (!PushImage(*registry, repository_, tag, Numbered(writer, i)).ok()) return false;
    }
    return true;
  };
  const pid_t first = StartChild([&] { return push_all(1); });
  const pid_t second = StartChild([&] { return push_all(2); });
  EXPECT_EQ(WaitForChild(first), 0);
  EXPECT_EQ(WaitForChild(second), 0);
  EXPECT_EQ(Open()->ListTags(repository_)->tags.size(), 2u * kImages);
  for (int writer : {1, 2}) {
    for (int i = 0; i < kImages; ++i) EXPECT_TRUE(Has(Numbered(writer, i)));
  }
}

TEST_F(OciDirProcesses, OneWritesWhileAnotherRemoves) {
  constexpr int kImages = 15;
  for (int i = 0; i < kImages; ++i) Push(fmt::format("old-{}", i), Numbered(0, i));
  const pid_t writer = StartChild([&] {
    for (int i = 0; i < kImages; ++i) {
      if (!PushImage(*Open(), repository_, fmt::format("new-{}", i), Numbered(1, i)).ok()) {
        return false;
      }
    }
    return true;
  });
  const pid_t remover = StartChild([&] {
    for (int i = 0; i < kImages; ++i) {
      const Digest digest = Numbered(0, i).manifest.digest;
      if (!Open()->Untag(repository_, fmt::format("old-{}", i), digest).ok()) return false;
    }
    return true;
  });
  EXPECT_EQ(WaitForChild(writer), 0);
  EXPECT_EQ(WaitForChild(remover), 0);
  EXPECT_EQ(Open()->ListTags(repository_)->tags.size(), std::size_t{kImages});
  for (int i = 0; i < kImages; ++i) EXPECT_TRUE(Has(Numbered(1, i))) << i;
}

TEST_F(OciDirProcesses, DeathInTheMiddleOfABlobLeavesNoBlob) {
  const TestImage image = Image("app");
  Push("1.0", image);
  const Descriptor blob = DescribeBlob("a blob of which only the first byte arrives");
  const pid_t child = StartChild([&] {
    const auto dies = []() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
      return std::make_unique<DyingReader>();
    };
    return Open()->PushBlob(repository_, blob, dies, {}).ok();
  });
  EXPECT_TRUE(WIFSIGNALED(WaitForChild(child)));
  EXPECT_EQ(CountTemporaryFiles(), 1u);
  EXPECT_FALSE(Open()->BlobExists(repository_, blob.digest).value_or(true));
  EXPECT_TRUE(Has(image));

  // The dead hold no lock, and what they left goes with the next deletion.
  Push("2.0", Image("other"));
  ASSERT_TRUE(Open()->Untag(repository_, "2.0", Image("other").manifest.digest).ok());
  EXPECT_EQ(CountTemporaryFiles(), 0u);
  EXPECT_TRUE(Has(image));
}

TEST_F(OciDirProcesses, DeathBeforeTheTagLeavesTheOldTag) {
  const TestImage old = Image("old");
  const TestImage image = Image("new");
  Push("latest", old);
  const pid_t child = StartChild([&] {
    const auto registry = Open();
    if (!PushImage(*registry, repository_, "", image).ok()) return false;
    kill(getpid(), SIGKILL);
    return false;
  });
  EXPECT_TRUE(WIFSIGNALED(WaitForChild(child)));
  EXPECT_EQ(Open()->Resolve(repository_, "latest")->digest, old.manifest.digest);
  Push("latest", image);
  EXPECT_EQ(Open()->Resolve(repository_, "latest")->digest, image.manifest.digest);
  EXPECT_TRUE(Has(image));
}

TEST_F(OciDirProcesses, UnfinishedLayoutIsFinishedByTheNextWriter) {
  std::filesystem::create_directories(PathOf(".imglife"));
  Write(PathOf(".imglife/tmp-1-0"), "{\"schemaVersion\":");
  EXPECT_FALSE(Open()->ListTags(repository_)->repository_exists);
  Push("1.0", Image("app"));
  std::filesystem::remove(PathOf("oci-layout"));
  EXPECT_EQ(Open()->ListTags(repository_)->tags.size(), 1u);
  Push("2.0", Image("other"));
  EXPECT_TRUE(std::filesystem::exists(PathOf("oci-layout")));
}

TEST_F(OciDirProcesses, DirectoryThatCannotBeWrittenToCanBeRead) {
  using std::filesystem::perms;
  Push("1.0", Image("app"));
  constexpr auto kReadable = static_cast<perms>(0555);
  std::filesystem::permissions(directory(), kReadable | perms::owner_write);
  const perms before = std::filesystem::status(PathOf("")).permissions();
  std::filesystem::permissions(PathOf(""), kReadable);
  const int status = WaitForChild(StartChild([this] {
    // Root may write everywhere.
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && setuid(kNobody) != 0) return false;
    const auto registry = Open();
    const auto probed = registry->Probe(repository_);
    return registry->GetManifest(repository_, "1.0").ok() && probed.ok() &&
           !probed->deletes_manifests;
  }));
  std::filesystem::permissions(PathOf(""), before);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace imglife
