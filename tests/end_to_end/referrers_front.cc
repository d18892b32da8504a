#include "tests/end_to_end/referrers_front.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "schema/image/digest.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kPage = 2;

Json DescriptorOf(const ServedRequest& push, const Json& manifest) {
  Json descriptor = {{"mediaType", push.Header("content-type")},
                     {"digest", Digest::OfBytes(push.body).str()},
                     {"size", push.body.size()}};
  for (const char* name : {"artifactType", "annotations"}) {
    if (manifest.contains(name)) descriptor[name] = manifest[name];
  }
  return descriptor;
}

// "?page=2" is 2.
std::size_t PageOf(const std::string& target) {
  const std::size_t at = target.find("page=");
  return at == std::string::npos ? 0 : std::stoul(target.substr(at + 5));
}

}  // namespace

ReferrersFront::ReferrersFront(std::string registry)
    : front_(std::move(registry),
             [this](const ServedRequest& request) { return Answer(request); }) {}

std::vector<std::string> ReferrersFront::ReferrersOf(const std::string& subject) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> digests;
  const auto found = referrers_.find(subject);
  if (found == referrers_.end()) return digests;
  for (const Json& descriptor : found->second) digests.push_back(descriptor["digest"]);
  return digests;
}

std::optional<ServedResponse> ReferrersFront::Answer(const ServedRequest& request) {
  if (request.path.find("/referrers/") != std::string::npos) return List(request);
  const bool manifest = request.path.find("/manifests/") != std::string::npos;
  if (manifest && request.method == "PUT") return Push(request);
  return std::nullopt;
}

std::optional<ServedResponse> ReferrersFront::Push(const ServedRequest& request) {
  const Json manifest = Json::parse(request.body);
  if (!manifest.contains("subject")) return std::nullopt;
  ServedResponse answer = front_.Forward(request);
  if (answer.status != 201) return answer;
  const std::string subject = manifest["subject"]["digest"];
  const Json descriptor = DescriptorOf(request, manifest);
  answer.headers.emplace("OCI-Subject", subject);
  const std::lock_guard lock(mutex_);
  std::vector<Json>& listed = referrers_[subject];
  if (std::find(listed.begin(), listed.end(), descriptor) == listed.end()) {
    listed.push_back(descriptor);
  }
  return answer;
}

ServedResponse ReferrersFront::List(const ServedRequest& request) const {
  const std::string subject = request.path.substr(request.path.rfind('/') + 1);
  const std::size_t page = PageOf(request.target);
  Json manifests = Json::array();
  ServedResponse answer{200, {{"Content-Type", std::string(media_type::kOciIndex)}}, ""};
  const std::lock_guard lock(mutex_);
  if (const auto found = referrers_.find(subject); found != referrers_.end()) {
    const std::vector<Json>& all = found->second;
    for (std::size_t i = page * kPage; i < std::min(all.size(), (page + 1) * kPage); ++i) {
      manifests.push_back(all[i]);
    }
    if (all.size() > (page + 1) * kPage) {
      answer.headers.emplace("Link",
                             fmt::format(R"(<{}?page={}>; rel="next")", request.path, page + 1));
    }
  }
  answer.body = Json{{"schemaVersion", 2},
                     {"mediaType", media_type::kOciIndex},
                     {"manifests", std::move(manifests)}}
                    .dump();
  return answer;
}

}  // namespace imglife
