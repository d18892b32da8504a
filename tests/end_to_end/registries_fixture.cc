#include "tests/end_to_end/registries_fixture.h"

#include <algorithm>
#include <stdexcept>

#include "providers/http/curl_transport.h"
#include "providers/registry/distribution/distribution_registry.h"

namespace imglife {
namespace {

TemporaryDirectory NewDirectory() {
  auto directory = TemporaryDirectory::Create("imglife-end-to-end");
  if (!directory.ok()) throw std::runtime_error(directory.status().ToString());
  return *std::move(directory);
}

// "METHOD TARGET STATUS" of a request that a server carried out. What registries are able to delete
// is found out by deleting what isn't there: those are refused.
bool IsWrite(const std::string& request) {
  const bool reads = request.rfind("GET ", 0) == 0 || request.rfind("HEAD ", 0) == 0;
  return !reads && request.find(" 2", request.rfind(' ')) != std::string::npos;
}

}  // namespace

RegistriesTest::RegistriesTest()
    : directory_(NewDirectory()),
      environment_({{"UPSTREAM", upstream_.host()},
                    {"PRIVATE", private_.host()},
                    {"IMGLIFE_NOW", "2026-08-20T06:00:00Z"},
                    {"SOURCE_DATE_EPOCH", "1787205600"}}),
      transport_(MakeCurlTransport({})),
      registry_(MakeDistributionRegistry(*transport_, credentials_, {})) {}

void RegistriesTest::Write(const std::string& name, const std::string& content) const {
  const absl::Status written = WriteFileAtomically(Path(name), content);
  ASSERT_TRUE(written.ok()) << written;
}

void RegistriesTest::ConfigureBuild() const {
  Configure(R"(build:
  core_version: 1.0.0
  registry: $PRIVATE/bases
  backend: buildah
  platforms: [linux/amd64]
  images:
    - {name: alpine, folder: alpine, type: core, mirror_image: $PRIVATE/mirrors/alpine, mirror_tag: 3.24.0}
)");
}

TestImage RegistriesTest::Image(const std::string& name, const std::string& created) {
  ImageSpec image;
  image.name = name;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d", created, &time, &error)) throw std::runtime_error(error);
  image.created = time;
  IndexSpec index;
  for (const char* platform : {"linux/amd64", "linux/arm64"}) {
    image.platform = platform;
    index.images.push_back(image);
  }
  return MakeIndex(index);
}

TestImage RegistriesTest::Push(const DockerRegistry& server, const std::string& path,
                               const std::string& tag, const TestImage& image) {
  const absl::Status pushed = PushImage(*registry_, server.At(path), tag, image);
  EXPECT_TRUE(pushed.ok()) << pushed;
  return image;
}

std::string RegistriesTest::DigestOf(const DockerRegistry& server, const std::string& path,
                                     const std::string& tag) {
  const auto resolved = registry_->Resolve(server.At(path), tag);
  if (resolved.ok()) return resolved->digest.str();
  EXPECT_TRUE(absl::IsNotFound(resolved.status())) << resolved.status();
  return "";
}

std::vector<std::string> RegistriesTest::Tags(const DockerRegistry& server,
                                              const std::string& path) {
  const auto list = registry_->ListTags(server.At(path));
  EXPECT_TRUE(list.ok()) << list.status();
  return list.ok() ? list->tags : std::vector<std::string>();
}

bool RegistriesTest::HasAll(const DockerRegistry& server, const std::string& path,
                            const TestImage& image) {
  const Repository repository = server.At(path);
  for (const ManifestBytes& child : image.children) {
    if (!registry_->GetManifest(repository, child.digest.str()).ok()) return false;
  }
  for (const auto& [digest, bytes] : image.blobs) {
    const auto exists = registry_->BlobExists(repository, digest);
    if (!exists.ok() || !*exists) return false;
  }
  const auto manifest = registry_->GetManifest(repository, image.manifest.digest.str());
  return manifest.ok() && manifest->content == image.manifest.content;
}

std::vector<std::string> RegistriesTest::NewRequests(const DockerRegistry& server) {
  const std::vector<std::string> all = server.Requests();
  std::size_t& seen = seen_[server.host()];
  std::vector<std::string> fresh(all.begin() + static_cast<std::ptrdiff_t>(seen), all.end());
  seen = all.size();
  return fresh;
}

std::vector<std::string> RegistriesTest::NewWrites(const DockerRegistry& server) {
  std::vector<std::string> requests = NewRequests(server);
  requests.erase(std::remove_if(requests.begin(), requests.end(),
                                [](const std::string& request) { return !IsWrite(request); }),
                 requests.end());
  return requests;
}

void RegistriesTest::PushRealBase(const Repository& repository, const std::string& tag) {
  auto environment = environment_;
  environment["TARGET"] = Reference{repository, tag, {}}.ToString();
  const ImglifeRun pushed = RunScript(directory_.path(), R"(mkdir made
echo base >made/base
printf 'FROM scratch\nCOPY base /base\n' >made/Dockerfile
run() { buildah --storage-driver vfs --root "$PWD/storage" --runroot "$PWD/run" "$@"; }
for platform in linux/amd64 linux/arm64; do
  run build --isolation chroot --timestamp 0 --platform $platform --manifest made made
done
run manifest push --all --tls-verify=false --format oci made "docker://$TARGET"
)",
                                      environment);
  ASSERT_EQ(pushed.exit_code, 0) << pushed.err;
}

}  // namespace imglife
